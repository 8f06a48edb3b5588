"""Articles, citations, patents, books and papers as their publishers write them, in words of our own."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

ARTICLE = r"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Archiving DTD v1.2//EN" "JATS.dtd">
<article xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:mml="http://www.w3.org/1998/Math/MathML" xml:lang="en"
 article-type="research-article"><?properties open_access?>
<front><journal-meta><journal-title-group><journal-title>Mills</journal-title></journal-title-group></journal-meta>
<article-meta><article-id pub-id-type="pmid">77</article-id><article-id pub-id-type="pmc">NUMBER</article-id>
<article-id pub-id-type="doi">10.5555/mill.NUMBER</article-id>
<title-group><article-title>Wheels of &alpha;-iron and &agr;-wood<xref ref-type="fn" rid="n1">*</xref></article-title>
</title-group>
<contrib-group><contrib contrib-type="author"><name><surname>Miller</surname><given-names>Ann</given-names></name>
<email>ann@mill.example</email></contrib><contrib contrib-type="editor"><name><surname>Ed</surname></name></contrib>
</contrib-group>
<author-notes><corresp>Write to <email>office@mill.example</email></corresp></author-notes>
<pub-date pub-type="pmc-release"><year>2001</year><month>1</month><day>1</day></pub-date>
<pub-date pub-type="collection"><year>2008</year></pub-date>
<pub-date pub-type="epub"><day>11</day><month>Apr</month><year>2008</year></pub-date>
<permissions><license license-type="open-access" xlink:href="http://creativecommons.org/licenses/by/4.0/">
<license-p>Open access.</license-p></license></permissions>
<abstract><sec><title>Aim</title><p>To see how wheel NUMBER turns.</p></sec></abstract>
<abstract abstract-type="graphical"><p>A picture of it.</p></abstract></article-meta></front>
<body><sec><label>1.</label><title>Start</title>
<p>Wheels are old [<xref ref-type="bibr" rid="B1">1</xref>, <xref ref-type="bibr" rid="B2">2</xref>–<xref
ref-type="bibr" rid="B4">4</xref>], [<xref ref-type="bibr" rid="B5">5</xref>]. Mills too<sup><xref ref-type="bibr"
rid="B5">5</xref>,<xref ref-type="bibr" rid="B6">6</xref></sup>, by Miller et al. [<xref ref-type="bibr"
rid="B7">7</xref>]. So says Stone (<xref ref-type="bibr" rid="B8">Stone 2003</xref>), 10<sup>-5</sup> m of
H<sub>2</sub>O at V<sub>max</sub>, of <inline-formula><alternatives><tex-math id="M1">\documentclass[12pt]{minimal}
\usepackage{amsmath}\begin{document}$$R_0$$\end{document}</tex-math><mml:math><mml:mi>Q</mml:mi></mml:math>
</alternatives></inline-formula> (<xref ref-type="fig" rid="F1">Figure 1</xref>).</p>
<disp-formula><label>(1)</label><mml:math><mml:mfrac><mml:mi>a</mml:mi><mml:mrow><mml:mi>b</mml:mi><mml:mo>+</mml:mo>
<mml:msup><mml:mi>c</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:mrow></mml:mfrac></mml:math></disp-formula>
<list><list-item><p>one wheel</p></list-item><list-item><label>b)</label><p>two</p></list-item></list>
<fig id="F1"><label>Figure 1</label><caption><p>It turns.</p></caption><graphic xlink:href="f1.jpg"/></fig>
<table-wrap id="T1"><label>Table 1</label><caption><p>Turns by day.</p></caption><table><tbody><tr><td>44.1</td></tr>
</tbody></table><table-wrap-foot><fn><p>By hand.</p></fn></table-wrap-foot></table-wrap>
<preformat>while true
  turn</preformat></sec></body>
<back><ack><p>We thank the river.</p></ack><ref-list><ref id="B1"><mixed-citation>Old mills.</mixed-citation></ref>
</ref-list></back><sub-article><body><p>A letter on it.</p></body></sub-article></article>
"""
ARTICLE_TEXT = r"""Wheels of α-iron and α-wood

Aim

To see how wheel NUMBER turns.

1. Start

Wheels are old. Mills too, by Miller et al. So says Stone (Stone 2003), 10⁻⁵ m of H₂O at Vmax, of $R_0$ (Figure 1).

$$\frac{a}{b+c^{2}}$$

- one wheel

b) two

Figure 1 It turns.

Table 1 Turns by day.

while true
  turn
"""
CITATION = """<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">NUMBER</PMID>
<Article PubModel="Print"><Journal><JournalIssue CitedMedium="Print"><PubDate><Year>1999</Year><Month>Mar</Month>
<Day>06</Day></PubDate></JournalIssue><Title>Journal of mills</Title></Journal>
<ArticleTitle>The <i>turning</i> of wheels NUMBER.</ArticleTitle>
<ELocationID EIdType="doi" ValidYN="Y">10.5555/NUMBER</ELocationID>
<Abstract><AbstractText Label="BACKGROUND">Wheels of CO<sub>2</sub> turn &amp; turn.</AbstractText>
<AbstractText Label="RESULTS">All turned NUMBER times.</AbstractText>
<CopyrightInformation>Copyright 1999, the mill.</CopyrightInformation></Abstract>
<AuthorList CompleteYN="Y"><Author ValidYN="Y"><LastName>Miller</LastName><ForeName>Ann</ForeName>
<AffiliationInfo><Affiliation>The mill. ann@mill.example</Affiliation></AffiliationInfo></Author></AuthorList>
<Language>eng</Language></Article><MeshHeadingList><MeshHeading><DescriptorName>Mills</DescriptorName></MeshHeading>
</MeshHeadingList></MedlineCitation></PubmedArticle>
"""
CITATION_TEXT = """The turning of wheels NUMBER.

BACKGROUND: Wheels of CO₂ turn & turn.

RESULTS: All turned NUMBER times.
"""
GRANT = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE us-patent-grant SYSTEM "us-patent-grant-v45-2014-04-03.dtd" [ ]>
<us-patent-grant lang="EN" dtd-version="v4.5" file="US0NUMBER-20150106.XML" id="us-patent-grant" country="US">
<us-bibliographic-data-grant><publication-reference><document-id><country>US</country><doc-number>0NUMBER</doc-number>
<kind>B2</kind><date>20150106</date></document-id></publication-reference>
<application-reference appl-type="utility"><document-id><country>US</country><doc-number>13349377</doc-number>
<date>20120112</date></document-id></application-reference>
<invention-title id="d2e61">Mill</invention-title>
<us-references-cited><us-citation><patcit num="1"><document-id><name>Old</name></document-id></patcit></us-citation>
</us-references-cited>
<us-parties><inventors><inventor><addressbook><last-name>Miller</last-name></addressbook></inventor></inventors>
</us-parties></us-bibliographic-data-grant>
<abstract id="abstract"><p id="p-0001" num="0000">A mill of 10<sup>5</sup> wheels, No. NUMBER.</p></abstract>
<drawings id="D"><figure id="F"><img file="x.TIF"/></figure></drawings>
<description id="description"><?BRFSUM description="Brief" end="lead"?><heading id="h-1">FIELD</heading>
<p id="p-0002" num="0001">See <figref idref="D1">FIG. <b>1</b></figref>.<maths id="M"><math overflow="scroll"><mrow>
<mi>x</mi><mo>=</mo><msqrt><mn>2</mn></msqrt></mrow></math></maths></p>
<tables id="T"><table><tgroup><row><entry>9</entry></row></tgroup></table></tables></description>
<us-claim-statement>What is claimed is:</us-claim-statement>
<claims id="claims"><claim id="CLM-1" num="00001"><claim-text>1. A mill comprising:
<claim-text>a wheel; and</claim-text><claim-text>a race.</claim-text></claim-text></claim>
<claim id="CLM-2"><claim-text>2. The mill of <claim-ref idref="CLM-1">claim 1</claim-ref>.</claim-text></claim>
</claims></us-patent-grant>
"""
GRANT_TEXT = """Mill

A mill of 10⁵ wheels, No. NUMBER.

FIELD

See FIG. 1.

$$x=\\sqrt{2}$$

What is claimed is:

1. A mill comprising:

a wheel; and

a race.

2. The mill of claim 1.
"""
SEQUENCES = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE sequence-cwu SYSTEM "us-sequence-listing.dtd" [ ]>
<sequence-cwu id="S"><publication-reference><document-id><country>US</country><doc-number>0NUMBER</doc-number>
<kind>B2</kind></document-id></publication-reference><s400>acgt</s400></sequence-cwu>
"""
PROSE = (
    "It was a wet evening at the mill, and nobody who was there had any\n"
    "doubt that the wheel would be standing still before the week was out;\n"
    "for the water had fallen by a hand's breadth since the morning, and\n"
    "it fell on."
)
VERSE = (
    "    The wheel goes round,\n      And the stones go round,\n    And nothing is left but flour."
)
BOOK = f"""The Project Gutenberg EBook of The Mill, by Ann Miller

This eBook is for the use of anyone anywhere at no cost.

Title: The Mill
       A Tale

Author: Ann Miller

Release Date: June 25, 2008 [EBook #NUMBER]

Language: English

Character set encoding: ISO-8859-1

*** START OF THIS PROJECT GUTENBERG EBOOK THE MILL ***




Produced by A. Volunteer and the Online Distributed
Proofreading Team at http://pgdp.example


THE MILL

CHAPTER I.

{PROSE}

{VERSE}

The café of No. NUMBER.




End of the Project Gutenberg EBook of The Mill, by Ann Miller

*** END OF THIS PROJECT GUTENBERG EBOOK THE MILL ***

***** This file should be named NUMBER-8.txt *****
THE FULL PROJECT GUTENBERG LICENSE
"""
BOOK_TEXT = (
    "THE MILL\n\nCHAPTER I.\n\n"
    + PROSE.replace("\n", " ")
    + f"\n\n{VERSE}\n\nThe café of No. NUMBER.\n"
)
PAPER = r"""\documentclass[11pt]{article} % the class
\newcommand{\R}{\mathbb{R}}
\newcommand{\norm}[1]{\left\| #1 \right\|}
\def\eps{\varepsilon}
\title{On \emph{wheels} in $\R^n$\thanks{Funded by the mill}}
\author{Ann Miller\thanks{ann@mill.example}}
\begin{document}
\maketitle
\begin{abstract}
We show that 50\% of NUMBER wheels turn. % a secret
\end{abstract}
\section{Start}
As Miller~\cite{mil01} says, \"Uber wheels are na\"{\i}ve; see \eqref{eq:a}.
Let $\norm{x} < \eps$\footnote{no} be \textbf{small}. Run \verb|a%b|.
% a line
\begin{equation}\label{eq:a}
  \norm{x}^2 = \eps
\end{equation}
\begin{itemize}
\item one
\end{itemize}
\begin{figure}[ht]\centering\includegraphics[width=3cm]{x.pdf}\caption{A wheel.}\label{f}\end{figure}
\begin{table}\caption{Sums.}\begin{tabular}{ll}1&2\\\end{tabular}\end{table}
\begin{theorem}[Miller] All turn.\end{theorem}
\begin{verbatim}
 % raw $x$
\end{verbatim}
\input{part}
\begin{thebibliography}{9}\bibitem{mil01} Old mills.\end{thebibliography}
\end{document}
Behind the end.
"""
PAPER_TEXT = r"""On wheels in $\mathbb{R}^n$

We show that 50% of NUMBER wheels turn.

Start

As Miller says, Über wheels are naïve; see [eq:a]. Let $\left\| x \right\| < \varepsilon$ be small. Run a%b.

\begin{equation}
\label{eq:a}
  \left\| x \right\|^2 = \varepsilon
\end{equation}

- one

A wheel.

Sums.

Theorem (Miller). All turn.

 % raw $x$

A part with $x_1$.
"""


def numbered(form: str, number: int) -> str:
    return form.replace("NUMBER", str(number))


def citations(*numbers: int) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st '
        'January 2024//EN" "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_240101.dtd">\n<PubmedArticleSet>\n'
        + "".join(numbered(CITATION, each) for each in numbers)
        + '<DeleteCitation><PMID Version="1">5</PMID></DeleteCitation></PubmedArticleSet>\n'
    )


def tar(files: dict[str, bytes], mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]  # a mode is a literal there
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def pack_zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def submission(number: int, **more: bytes) -> bytes:
    return tar(
        {"ms.tex": numbered(PAPER, number).encode(), "part.tex": b"A part with $x_1$.", **more}
    )


def bulk(numbers: list[int], more: dict[str, bytes] | None = None) -> bytes:
    papers = {f"2101/2101.{each:05}.gz": submission(each) for each in numbers}
    return tar(papers | (more or {}), "w")


def packed(text: str) -> bytes:
    return gzip.compress(text.encode())
