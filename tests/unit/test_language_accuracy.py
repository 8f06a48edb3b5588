"""A small sample of our own of shared extensions: each file is right, and where it could not be, untold.

docs/languages.md has the figures on thousands of real files; this one runs offline on every change.
"""

from __future__ import annotations

from filters.language import language_evidence

# name, language, text; all written for this test
_FILES: tuple[tuple[str, str, str], ...] = (
    (
        "ring.h",
        "C",
        "#ifndef RING_H\n#define RING_H\n/* the class of rings */\nint ring(void);\n#endif\n",
    ),
    ("ring.h", "C++", "#pragma once\ntemplate <typename T>\nclass Ring : public Base<T> {\n};\n"),
    (
        "Ring.h",
        "Objective-C",
        "#import <Foundation/Foundation.h>\n@interface Ring : NSObject\n@end\n",
    ),
    (
        "Ring.m",
        "Objective-C",
        '#import "Ring.h"\n@implementation Ring\n- (int)size { return 1; }\n@end\n',
    ),
    ("ring.m", "MATLAB", "function y = ring(x)\n  % rings\n  y = x .^ 2;\nend\n"),
    ("ring.m", "Mathematica", '(* rings *)\nring[x_] := x^2\nring::usage = "a ring"\n'),
    ("ring.m", "Mercury", ":- module ring.\n:- interface.\n:- func size = int.\n"),
    ("ring.m", "Limbo", 'implement Ring;\ninclude "sys.m";\n'),
    ("ring.pl", "Perl", "use strict;\nmy %ring = (a => 1);\nprint keys %ring;\n"),
    ("ring.pl", "Prolog", ":- module(ring, [ring/2]).\nring(X, Y) :- part(X, Y), \\+ X = Y.\n"),
    ("ring.pl", "Raku", "use v6;\nmy class Ring { has $.size }\nsay Ring.new(size => 1);\n"),
    ("ring.t", "Perl", "use Test::More tests => 1;\nok(1);\n"),
    (
        "ring.v",
        "Verilog",
        "module ring(input clk, output reg q);\nalways @(posedge clk) q <= ~q;\nendmodule\n",
    ),
    (
        "ring.v",
        "Rocq Prover",
        "Require Import ZArith.\nTheorem ring : 1 = 1.\nProof. reflexivity. Qed.\n",
    ),
    ("ring.v", "V", "module main\n\nfn main() {\n\tprintln('ring')\n}\n"),
    ("ring.fs", "F#", "module Ring\nopen System\nlet size = 1\n"),
    ("ring.fs", "GLSL", "#version 330 core\nout vec4 c;\nvoid main() { c = vec4(1.0); }\n"),
    ("ring.fs", "Forth", "\\ rings\n: ring ( n -- ) 0 do i . loop ;\n"),
    ("ring.ml", "OCaml", "open List\nlet rec size = function [] -> 0 | _ :: t -> 1 + size t\n"),
    (
        "ring.ml",
        "Standard ML",
        "structure Ring = struct\n  fun size [] = 0 | size (_ :: t) = 1 + size t\nend\n",
    ),
    ("ring.l", "Lex", "%{\n#include <stdio.h>\n%}\n%%\n[a-z]+ { return 1; }\n%%\n"),
    ("ring.l", "PicoLisp", "(de ring (N)\n   (for I N (prinl I)) )\n"),
    ("ring.l", "Common Lisp", "(defun ring (n)\n  (dotimes (i n) (print i)))\n"),
    ("ring.l", "Roff", ".TH RING L\n.SH NAME\nring\n"),
    ("ring.pp", "Puppet", "class ring($size = 1) {\n  file { '/ring': ensure => present }\n}\n"),
    ("ring.pp", "Pascal", "unit Ring;\ninterface\nuses Classes;\nimplementation\nend.\n"),
    ("ring.inc", "PHP", "<?php\nfunction ring() { return 1; }\n"),
    ("ring.inc", "POV-Ray SDL", "#declare Ring = torus { 1, 0.2 pigment { color rgb 1 } }\n"),
    ("ring.inc", "Assembly", "RING_SIZE equ 4\n%macro ring 1\n  mov eax, %1\n%endmacro\n"),
    ("ring.cls", "TeX", "\\NeedsTeXFormat{LaTeX2e}\n\\ProvidesClass{ring}\n"),
    ("ring.cls", "Apex", "public with sharing class Ring {\n  public Integer size;\n}\n"),
    (
        "ring.cls",
        "VBA",
        'VERSION 1.0 CLASS\nAttribute VB_Name = "Ring"\nPublic Sub Roll()\nEnd Sub\n',
    ),
    ("ring.d", "D", "module ring;\nimport std.stdio;\nvoid main() { writeln(1); }\n"),
    ("ring.d", "Makefile", "ring.o: ring.c ring.h \\\n  size.h\n"),
    ("ring.d", "DTrace", "#pragma D option quiet\nsyscall::open:entry\n{ trace(pid); }\n"),
    ("ring.r", "R", "ring <- function(x) x + 1\nprint(ring(2))\n"),
    ("ring.r", "Rebol", 'REBOL [Title: "ring"]\nprint 1\n'),
    ("ring.rs", "Rust", "pub fn ring() -> i32 { 1 }\n"),
    ("ring.ts", "TypeScript", "export interface Ring { size: number }\n"),
    ("ring.ts", "XML", '<?xml version="1.0"?>\n<!DOCTYPE TS>\n<TS version="2.1"></TS>\n'),
    (
        "ring.sql",
        "PLpgSQL",
        "create function ring() returns int as $$ begin return 1; end $$ language plpgsql;\n",
    ),
    ("ring.sql", "TSQL", "declare @size int\nset @size = 1\nGO\n"),
    ("ring.sql", "SQL", "select size from ring where id = 1;\n"),
    ("ring.pro", "QMake", "QT += core gui\nSOURCES += ring.cpp\n"),
    ("ring.pro", "Prolog", "ring(X) :- size(X, _).\n"),
    ("ring.pro", "IDL", "pro ring, size\n  compile_opt idl2\n  print, size\nend\n"),
    ("ring.lp", "Answer Set Programming", "ring(1..3).\n:- ring(X), X > 2.\n#show ring/1.\n"),
    ("ring.lp", "Linear Programming", "Maximize\n obj: x + y\nSubject To\n c: x + y <= 4\nEnd\n"),
    ("ring.mod", "Modula-2", "IMPLEMENTATION MODULE Ring;\nEND Ring.\n"),
    ("ring.mod", "AMPL", "param n;\nvar x {1..n} >= 0;\nminimize cost: sum {i in 1..n} x[i];\n"),
    ("ring.st", "Smalltalk", "Object subclass: Ring [\n  size [ ^1 ]\n]\n"),
    ("ring.st", "StringTemplate", "group ring;\nsize(x) ::= << $x$ >>\n"),
    ("ring.sp", "SPICE", "* ring oscillator\n.subckt inv a b\n.ends\n"),
    ("ring.y", "Yacc", "%token A\n%%\ns : A ;\n%%\n"),
    ("ring.y", "Bison", "%define api.pure\n%token A\n%%\ns : A ;\n%%\n"),
    ("ring.3", "Roff", ".TH RING 3\n.SH NAME\n"),
    ("ring.tpl", "Smarty", "{foreach $rings as $ring}{$ring}{/foreach}\n"),
    (
        "ring.x",
        "RPC",
        "program RING { version V { int SIZE(void) = 1; } = 1; } = 99;\nconst MAX = 3;\n",
    ),
    ("ring.x", "Linker Script", "OUTPUT_ARCH(arm)\nSECTIONS { .text : { *(.text) } }\n"),
    ("ring.mm", "Objective-C++", "#include <vector>\n@implementation Ring\n@end\n"),
    ("ring.scm", "Scheme", "(define (ring n) (* n n))\n"),
    ("ring.scm", "Tree-sitter Query", "(identifier) @variable\n(comment) @comment\n"),
    ("ring.cue", "CUE", "package ring\nsize: int & >0\n"),
    ("ring.cue", "Cue Sheet", 'FILE "ring.wav" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n'),
    ("ring.plist", "OpenStep Property List", "{\n  Size = 1;\n}\n"),
    ("ring.conf", "Nginx", "server {\n  listen 80;\n  location / { root /ring; }\n}\n"),
    ("ring.idl", "WebIDL", "interface mixin Ring {\n  attribute DOMString size;\n};\n"),
    ("ring.g", "GAP", "Ring := function( n )\n  return n;\nend;\n"),
    ("ring.g", "G-code", "G21\nG90\nG1 X1 Y1 F100\nM30\n"),
    ("ring.asc", "Public Key", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"),
)
# What speaks for none of an extension's languages has no answer.
_NOTHING_SAID = tuple(
    (f"a.{end}", "some words that are no code\n")
    for end in ("inc", "m", "l", "pp", "mod", "sp", "lp", "x")
)


def test_every_file_is_right() -> None:
    told = {(name, text): language_evidence(name, text).language for name, _, text in _FILES}
    wrong = [
        (name, truth, told[name, text]) for name, truth, text in _FILES if told[name, text] != truth
    ]
    assert wrong == []
    assert len({truth for _, truth, _ in _FILES}) > 50


def test_rather_no_answer_than_a_wrong_one() -> None:
    assert {name: language_evidence(name, text).language for name, text in _NOTHING_SAID} == {
        name: None for name, _ in _NOTHING_SAID
    }
