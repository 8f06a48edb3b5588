"""AI user agents by product token, with a version of their own, so that a site's word reaches them.

Tokens are those that operators publish for robots.txt, gathered by hand. `train-ai` is for agents
that gather text to train models or to publish corpora, `ai-input` for those that fetch pages for a
model's answers. Operators rename agents often: another table is read from a file.
"""

from __future__ import annotations

from typing import Final

import msgspec

VERSION: Final = "2026-11"

_TABLE: Final = """
AI2Bot                       | Allen Institute for AI  | train-ai
Ai2Bot-Dolma                 | Allen Institute for AI  | train-ai
Amazonbot                    | Amazon                  | train-ai
anthropic-ai                 | Anthropic               | train-ai
Applebot-Extended            | Apple                   | train-ai
bedrockbot                   | Amazon                  | ai-input
Bytespider                   | ByteDance               | train-ai
CCBot                        | Common Crawl            | train-ai
ChatGPT-User                 | OpenAI                  | ai-input
Claude-SearchBot             | Anthropic               | ai-input
Claude-User                  | Anthropic               | ai-input
Claude-Web                   | Anthropic               | train-ai
ClaudeBot                    | Anthropic               | train-ai
cohere-ai                    | Cohere                  | train-ai
cohere-training-data-crawler | Cohere                  | train-ai
Cotoyogi                     | ROIS-DS                 | train-ai
Diffbot                      | Diffbot                 | train-ai
DuckAssistBot                | DuckDuckGo              | ai-input
FacebookBot                  | Meta                    | train-ai
Google-CloudVertexBot        | Google                  | ai-input
Google-Extended              | Google                  | train-ai
GoogleOther                  | Google                  | train-ai
GPTBot                       | OpenAI                  | train-ai
ICC-Crawler                  | NICT                    | train-ai
ImagesiftBot                 | Hive                    | train-ai
img2dataset                  | LAION                   | train-ai
LAIONDownloader              | LAION                   | train-ai
Meta-ExternalAgent           | Meta                    | train-ai
Meta-ExternalFetcher         | Meta                    | ai-input
MistralAI-User               | Mistral AI              | ai-input
OAI-SearchBot                | OpenAI                  | ai-input
omgili                       | Webz.io                 | train-ai
omgilibot                    | Webz.io                 | train-ai
PanguBot                     | Huawei                  | train-ai
Perplexity-User              | Perplexity              | ai-input
PerplexityBot                | Perplexity              | ai-input
SBIntuitionsBot              | SB Intuitions           | train-ai
TikTokSpider                 | ByteDance               | train-ai
Timpibot                     | Timpi                   | train-ai
VelenPublicWebCrawler        | Velen                   | train-ai
Webzio-Extended              | Webz.io                 | train-ai
YouBot                       | You.com                 | ai-input
"""


class Agent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An AI user agent: the product token of its User-agent lines, who runs it, and what for."""

    token: str
    operator: str
    purpose: str


class Agents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of agents and its version."""

    version: str
    agents: tuple[Agent, ...]

    def purposes(self) -> dict[str, str]:
        """Return the purpose of each token, tokens in lower case, in their order."""
        return dict(sorted((each.token.lower(), each.purpose) for each in self.agents))


def builtin_agents() -> Agents:
    """Return the table of this file."""
    rows = (line.split("|") for line in _TABLE.strip().splitlines())
    return Agents(VERSION, tuple(Agent(*(cell.strip() for cell in row)) for row in rows))


def parse_agents(raw: bytes) -> Agents:
    """Read a table from JSON: `{"version": …, "agents": [{"token", "operator", "purpose"}]}`.

    Raises `ValueError` for anything else, with what is wrong but none of the text.
    """
    try:
        table = msgspec.json.decode(raw, type=Agents)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ValueError(
            'a table of agents is {"version": …, "agents": [{"token", "operator", "purpose"}]}'
        ) from None
    if not table.agents or any(not each.token.strip() for each in table.agents):
        raise ValueError("a table of agents has at least one agent, each with its product token")
    return table
