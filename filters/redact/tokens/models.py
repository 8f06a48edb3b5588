"""Keys of model providers, their gateways, and the tools around models."""

from __future__ import annotations

from typing import Final

from filters.redact.tokens.token import UUID, Token

TOKENS: Final = (
    Token(
        "openai", "key", r"sk-(?:(?:proj|svcacct|admin|None)-)?[\w-]{20,100}T3BlbkFJ[\w-]{20,100}",
        yes=(
            "sk-{an:20}T3BlbkFJ{an:20}", "sk-proj-{url:74}T3BlbkFJ{url:73}a",
            "sk-svcacct-{an:58}T3BlbkFJ{an:58}",
        ),
    ),
    Token(
        "openai", "project-key", r"sk-(?:proj|svcacct|admin|None)-[\w-]{40,200}", floor=3.8,
        yes=("sk-proj-{an:48}", "sk-admin-{an:64}"),
    ),
    # DeepSeek, DashScope, Moonshot, Stability, SiliconFlow and OpenAI-like servers
    Token(
        "openai", "compatible-key", r"sk-(?:[A-Za-z0-9]{48}|[a-f0-9]{32}|[A-Za-z0-9]{32})",
        floor=3.2,
        yes=("sk-{an:48}", "sk-{hex:32}", "sk-{lower:48}", "sk-{an:32}"),
    ),
    Token(
        "moonshot", "key", r"sk-[A-Za-z0-9_-]{48}", floor=4.3,
        yes=("sk-{url:47}a",),
        no=("sk-circle-fade-dot-one-two-three-four-five-six-seven",),
    ),
    Token("minimax", "key", r"sk-api-[\w-]{100,140}", floor=4.0, yes=("sk-api-{an:119}",)),
    Token(
        "anthropic", "key", r"sk-ant-(?:[a-z]{2,8}\d{2}-)?[\w-]{80,130}",
        yes=(
            "sk-ant-api03-{url:93}AA", "sk-ant-admin01-{url:93}AA", "sk-ant-oat01-{url:93}AA",
            "sk-ant-sid01-{url:86}AA",
        ),
    ),
    Token("openrouter", "key", r"sk-or-v\d{1,3}-[\w-]{20,80}", yes=("sk-or-v1-{hex:64}",)),
    Token("langfuse", "key", rf"(?:sk|pk)-lf-{UUID}", yes=("sk-lf-{uuid}", "pk-lf-{uuid}")),
    Token(
        "helicone", "key", r"(?:sk|pk)-helicone-(?:(?:eu|cp)-)?[a-z0-9]{7}(?:-[a-z0-9]{7}){2,4}",
        yes=("sk-helicone-{low:7}-{low:7}-{low:7}-{low:7}",),
    ),
    Token("letta", "key", r"sk-let-[A-Za-z0-9+/=]{40,200}", yes=("sk-let-{an:100}",)),
    Token(
        "huggingface", "token", r"(?:hf|api_org)_[A-Za-z0-9]{34,40}", floor=3.4,
        yes=("hf_{let:34}", "hf_{an:37}", "api_org_{let:34}"),
        no=("hf_aaaaaaaabbbbbbbbccccccccddddddddee",),
    ),
    Token("replicate", "token", r"r8_[A-Za-z0-9]{37}", yes=("r8_{an:37}",)),
    Token("groq", "key", r"gsk_[A-Za-z0-9]{52}", yes=("gsk_{an:52}",)),
    Token("perplexity", "key", r"pplx-[A-Za-z0-9]{40,56}", yes=("pplx-{an:48}", "pplx-{hex:48}")),
    Token("xai", "key", r"xai-[\w-]{70,120}", yes=("xai-{an:80}",)),
    Token("cerebras", "key", r"csk-[a-z0-9]{48}", yes=("csk-{low:48}",)),
    Token("cartesia", "key", r"sk_car_[\w-]{20,40}", floor=3.4, yes=("sk_car_{an:20}",)),
    Token("elevenlabs", "key", r"sk_[a-f0-9]{48}", yes=("sk_{hex:48}",)),
    Token("voyage", "key", r"(?:pa|al)-[\w-]{43}", floor=4.5, yes=("pa-{an:43}", "al-{an:43}")),
    Token(
        "zhipu", "key", r"[0-9a-fA-F]{32}\.[0-9A-Za-z]{16}", trigger=r"[0-9a-fA-F]{32}\.",
        yes=("{hex:32}.{an:16}",),
    ),
    Token("fal", "key", rf"{UUID}:[a-f0-9]{{32}}", yes=("{uuid}:{hex:32}",)),
    Token("nvidia", "key", r"nvapi-[\w-]{60,70}", yes=("nvapi-{an:64}",)),
    Token("together", "key", r"tgp_v1_[\w-]{43}", yes=("tgp_v1_{an:43}",)),
    Token("fireworks", "key", r"fw_[A-Za-z0-9]{22,32}", floor=3.6, yes=("fw_{an:24}",)),
    Token("friendli", "token", r"flp_[A-Za-z0-9]{40,60}", floor=3.4, yes=("flp_{an:46}",)),
    Token("anyscale", "key", r"esecret_[A-Za-z0-9]{26,40}", yes=("esecret_{low:26}",)),
    Token("modal", "token", r"a[ks]-[A-Za-z0-9]{22}", floor=3.7, yes=("ak-{an:22}", "as-{an:22}")),
    Token(
        "runpod", "key", r"rpa_[A-Za-z0-9]{30,46}", floor=3.4,
        yes=("rpa_{up:40}{an:6}", "rpa_{an:30}"),
    ),
    Token("runway", "key", r"key_[a-f0-9]{128}", yes=("key_{hex:128}",)),
    Token("luma", "key", rf"luma-{UUID}(?:-[a-f0-9-]{{8,60}})?", yes=("luma-{uuid}",)),
    Token("jina", "key", r"jina_[a-f0-9]{32}[\w-]{24,32}", yes=("jina_{hex:32}{an:28}",)),
    Token(
        "tavily", "key", r"tvly-(?:dev-|prod-)?[A-Za-z0-9]{20,60}(?:-[A-Za-z0-9]{10,60})?",
        floor=3.4,
        yes=("tvly-{an:32}", "tvly-dev-{an:32}"),
    ),
    Token("firecrawl", "key", r"fc-[a-f0-9]{32}", yes=("fc-{hex:32}",)),
    Token("brave", "search-key", r"BSA[\w-]{24,40}", floor=3.8, yes=("BSA{an:28}",)),
    Token("e2b", "key", r"e2b_[a-f0-9]{40}", yes=("e2b_{hex:40}",)),
    Token("browserbase", "key", r"bb_(?:live|test)_[\w-]{24,40}", yes=("bb_live_{an:27}",)),
    Token("apify", "token", r"apify_(?:api|proxy)_[A-Za-z0-9]{30,40}", yes=("apify_api_{an:36}",)),
    Token("llamacloud", "key", r"llx-[A-Za-z0-9]{44,60}", yes=("llx-{an:48}",)),
    Token(
        "langsmith", "key", r"(?:lsv2_(?:pt|sk)_[a-fA-F0-9]{32}_[a-fA-F0-9]{10}|ls__[a-f0-9]{32})",
        yes=("lsv2_pt_{hex:32}_{hex:10}", "lsv2_sk_{hex:32}_{hex:10}", "ls__{hex:32}"),
    ),
    Token(
        "pinecone", "key", r"pcsk_[A-Za-z0-9]{4,8}_[A-Za-z0-9]{56,70}",
        yes=("pcsk_{an:6}_{an:63}",),
    ),
    Token("mem0", "key", r"m0-[A-Za-z0-9]{24,44}", floor=3.7, yes=("m0-{an:40}",)),
    Token("vectara", "key", r"z[uqw]t_[\w-]{30,50}", floor=3.6, yes=("zut_{an:36}", "zqt_{an:36}")),
    Token("wandb", "key", r"wandb_v1_\w{70,90}", yes=("wandb_v1_{an:77}",)),
    Token("cursor", "key", r"key_[a-f0-9]{64}|crsr_[a-f0-9]{64}", yes=("crsr_{hex:64}",)),
    Token(
        "devin", "key", r"apk_(?:user_)?[A-Za-z0-9+/]{80,180}={0,2}|cog_[a-z2-7]{52}", floor=3.4,
        yes=("apk_{b64:90}=", "apk_user_{b64:160}", "cog_{lower:52}"),
    ),
    Token(
        "dify", "key", r"(?:app|dataset)-[A-Za-z0-9]{24}", floor=3.9, level="balanced",
        yes=("app-{an:24}", "dataset-{an:24}"),
    ),
    Token("coze", "token", r"pat_[A-Za-z0-9]{64}", yes=("pat_{an:64}",)),
    Token(
        "voiceflow", "key", r"VF\.[A-Z]{2,6}\.[0-9a-f]{24}\.[0-9A-Za-z]{16}",
        yes=("VF.DM.{hex:24}.{an:16}", "VF.WS.{hex:24}.{an:16}"),
    ),
    Token(
        "salad", "key", r"salad_cloud_user_[A-Za-z0-9]{40,60}",
        yes=("salad_cloud_user_{an:49}",),
    ),
    Token("browser-use", "key", r"bu_[\w-]{40,60}", floor=4.0, yes=("bu_{an:43}",)),
    Token("gamma", "key", r"sk-gamma-[\w-]{20,80}", floor=3.8, yes=("sk-gamma-{an:32}",)),
    Token("databento", "key", r"db-[A-Za-z0-9]{29}", floor=3.8, yes=("db-{an:29}",)),
    Token(
        "zeroentropy", "key", r"ze_[A-Za-z0-9]{16,40}", floor=3.7, level="balanced",
        yes=("ze_{an:24}",),
    ),
    Token(
        "composio", "key", r"ak_[A-Za-z0-9_-]{20,24}", floor=3.8, level="balanced",
        yes=("ak_{an:20}",),
    ),
)  # fmt: skip
