"""Formats of providers' tokens as their documentation gives them: templates, filled at run time.

A line is `provider | format | what people call it`; `*` before the provider says that its format is
common and the name alone tells: such a token stands only in contexts that have a slot for a name.
"""

from __future__ import annotations

from typing import Final

TABLE: Final = """
aws-access-key-id | AKIA{b32:16} | aws access key id
aws-temporary-key-id | ASIA{b32:16} | aws access key id
*aws-secret-key | {b64:40} | aws secret access key
*aws-session-token | IQoJb3JpZ2luX2Vj{b64:200-360}== | aws session token
aws-mws | amzn.mws.{uuid} | mws auth token
aws-bedrock | ABSK{b64:128}= | aws bearer token bedrock
github-fine-grained | github_pat_{an:22}_{an:59} | github token
gitlab-pat | glpat-{url:20} | gitlab token
gitlab-trigger | glptt-{hex:40} | gitlab trigger token
gitlab-deploy | gldt-{url:20} | gitlab deploy token
gitlab-runner | glrt-{url:20} | runner token
gitlab-registration | GR1348941{url:20} | registration token
gitlab-ci-job | glcbt-{hex:2}_{url:20} | ci job token
gitlab-feed | glft-{url:20} | feed token
gitlab-oauth-secret | gloas-{hex:64} | gitlab oauth secret
gitlab-agent | glagent-{url:50} | agent token
slack-bot | xoxb-{nz:1}{dig:11}-{nz:1}{dig:12}-{an:24} | slack bot token
slack-user | xoxp-{nz:1}{dig:11}-{nz:1}{dig:11}-{nz:1}{dig:12}-{hex:32} | slack token
slack-app | xapp-1-A{up:10}-{nz:1}{dig:12}-{hex:64} | slack app token
slack-refresh | xoxe-1-{b64:146} | slack refresh token
slack-webhook | https://hooks.slack.com/services/T{up:10}/B{up:10}/{an:24} | slack webhook url
stripe-live | sk_live_{an:24} | stripe secret key
stripe-live-long | sk_live_51{an:97} | stripe secret key
stripe-test | sk_test_{an:24} | stripe test key
stripe-restricted | rk_live_{an:24} | stripe restricted key
stripe-webhook | whsec_{an:32} | stripe webhook secret
google-api-key | AIzaSy{url:33} | google api key
google-oauth-secret | GOCSPX-{url:28} | google client secret
google-access-token | ya29.a0{url:140-180} | google access token
google-refresh-token | 1//0{url:60-100} | google refresh token
openai-legacy | sk-{an:20}T3BlbkFJ{an:20} | openai api key
openai-project | sk-proj-{url:74}T3BlbkFJ{url:74} | openai api key
openai-service | sk-svcacct-{url:74}T3BlbkFJ{url:74} | openai api key
openai-admin | sk-admin-{url:58}T3BlbkFJ{url:58} | openai admin key
anthropic-api | sk-ant-api03-{url:93}AA | anthropic api key
anthropic-admin | sk-ant-admin01-{url:93}AA | anthropic admin key
anthropic-oauth | sk-ant-oat01-{url:93}AA | claude oauth token
huggingface | hf_{let:34} | hf token
replicate | r8_{an:37} | replicate api token
groq | gsk_{an:20}WGdyb3FY{an:24} | groq api key
perplexity | pplx-{an:48} | perplexity api key
xai | xai-{an:80} | xai api key
openrouter | sk-or-v1-{hex:64} | openrouter api key
*deepseek | sk-{hex:32} | deepseek api key
nvidia-ngc | nvapi-{url:64} | nvidia api key
langsmith | lsv2_pt_{hex:32}_{hex:10} | langchain api key
langfuse | sk-lf-{uuid} | langfuse secret key
pinecone | pcsk_{an:6}_{an:63} | pinecone api key
tavily | tvly-{an:32} | tavily api key
jina | jina_{hex:32}{url:28} | jina api key
cerebras | csk-{low:48} | cerebras api key
elevenlabs | sk_{hex:48} | elevenlabs api key
fireworks | fw_{an:22} | fireworks api key
*cohere | {an:40} | cohere api key
*mistral | {an:32} | mistral api key
*wandb | {hex:40} | wandb api key
pypi | pypi-AgEIcHlwaS5vcmc{url:120-160} | pypi token
rubygems | rubygems_{hex:48} | gem host api key
crates-io | cio{an:32} | cargo registry token
nuget | oy2{low:43} | nuget api key
docker-pat | dckr_pat_{url:27} | docker hub token
docker-org | dckr_oat_{url:32} | docker token
clojars | CLOJARS_{hex:60} | clojars token
artifactory-api-key | AKCp{dig:1}{an:68} | artifactory api key
artifactory-reference | cmVmdGtuOjAxO{an:51} | artifactory token
sendgrid | SG.{url:22}.{url:43} | sendgrid api key
mailgun | key-{hex:32} | mailgun api key
*mailgun-new | {hex:32}-{hex:8}-{hex:8} | mailgun api key
mailchimp | {hex:32}-us{nz:1} | mailchimp api key
brevo | xkeysib-{hex:64}-{an:16} | brevo api key
brevo-smtp | xsmtpsib-{hex:64}-{an:16} | brevo smtp key
resend | re_{an:8}_{an:24} | resend api key
mailersend | mlsn.{hex:64} | mailersend api key
*postmark | {uuid} | postmark server token
klaviyo | pk_{hex:34} | klaviyo private key
twilio-api-key | SK{hex:32} | twilio api key sid
*twilio-auth | {hex:32} | twilio auth token
telegram-bot | {nz:1}{dig:9}:AA{url:33} | telegram bot token
discord-bot | MT{an:24}.G{url:5}.{url:38} | discord token
discord-webhook | https://discord.com/api/webhooks/{nz:1}{dig:17}/{url:68} | discord webhook url
teams-webhook | https://acme.webhook.office.com/webhookb2/{uuid}@{uuid}/IncomingWebhook/{hex:32}/{uuid} | teams webhook
shopify-access | shpat_{hex:32} | shopify access token
shopify-shared | shpss_{hex:32} | shopify api secret
shopify-private | shppa_{hex:32} | shopify password
square-token | sq0atp-{url:22} | square access token
square-secret | sq0csp-{url:43} | square secret
square-production | EAAA{url:60} | square access token
braintree | access_token$production${low:16}${hex:32} | braintree access token
plaid | access-production-{uuid} | plaid access token
flutterwave | FLWSECK-{hex:32}-X | flutterwave secret key
paystack | sk_live_{hex:40} | paystack secret key
razorpay | rzp_live_{an:14} | razorpay key id
lob | live_{hex:35} | lob api key
mollie | live_{an:30} | mollie api key
digitalocean-pat | dop_v1_{hex:64} | digitalocean token
digitalocean-oauth | doo_v1_{hex:64} | digitalocean token
heroku | HRKU-AA{url:58} | heroku api key
*heroku-old | {uuid} | heroku api key
*linode | {hex:64} | linode token
*vultr | {b32:36} | vultr api key
*hetzner | {an:64} | hcloud token
render | rnd_{an:32} | render api key
netlify | nfp_{an:36} | netlify auth token
*vercel | {an:24} | vercel token
*cloudflare | {url:40} | cloudflare api token
*cloudflare-global | {hex:37} | cloudflare api key
cloudflare-origin-ca | v1.0-{hex:24}-{hex:146} | cloudflare origin ca key
supabase | sbp_{hex:40} | supabase access token
supabase-secret | sb_secret_{url:22}_{url:8} | supabase secret key
planetscale-token | pscale_tkn_{url:43} | planetscale token
planetscale-password | pscale_pw_{url:43} | database password
neon | napi_{low:64} | neon api key
aiven | AVNS_{url:19} | aiven password
doppler | dp.pt.{an:43} | doppler token
doppler-service | dp.st.prd.{an:43} | doppler token
vault-service | hvs.CAES{url:90} | vault token
vault-batch | hvb.AAAAA{url:130} | vault token
terraform-cloud | {an:14}.atlasv1.{url:67} | tfe token
pulumi | pul-{hex:40} | pulumi access token
age | AGE-SECRET-KEY-1{BECH:58} | age key
sonarqube | sqp_{hex:40} | sonar token
sonarqube-user | squ_{hex:40} | sonar token
sentry-user | sntryu_{hex:64} | sentry auth token
newrelic-user | NRAK-{up:27} | new relic api key
newrelic-license | {hex:32}{hex:4}NRAL | new relic license key
newrelic-insights | NRII-{url:32} | insights insert key
*datadog-api | {hex:32} | dd api key
*datadog-app | {hex:40} | dd app key
grafana-service | glsa_{an:32}_{hex:8} | grafana token
grafana-cloud | glc_eyJ{b64:120} | grafana cloud token
dynatrace | dt0c01.{b32:24}.{b32:64} | dynatrace api token
honeycomb | hcaik_01{low:56} | honeycomb api key
*pagerduty | {url:20} | pagerduty api key
segment | sgp_{an:64} | segment token
posthog-personal | phx_{an:43} | posthog api key
launchdarkly-sdk | sdk-{uuid} | launchdarkly sdk key
launchdarkly-api | api-{uuid} | launchdarkly api key
*algolia | {hex:32} | algolia admin key
mapbox-secret | sk.eyJ1Ijoi{an:70}.{url:22} | mapbox token
airtable-pat | pat{an:14}.{hex:64} | airtable token
notion | ntn_{dig:11}{an:35} | notion token
notion-old | secret_{an:43} | notion token
linear | lin_api_{an:40} | linear api key
asana | 1/{nz:1}{dig:15}:{hex:32} | asana token
atlassian | ATATT3xFfGF0{url:170}={HEX:8} | atlassian api token
bitbucket | ATBB{an:32} | bitbucket app password
figma | figd_{url:40} | figma token
contentful | CFPAT-{url:43} | contentful token
dropbox | sl.B{url:136} | dropbox token
hubspot | pat-na1-{uuid} | hubspot token
salesforce | 00D{an:12}!AQ{an:90} | salesforce access token
*okta | 00{url:40} | okta api token
facebook | EAACEdEose0cBA{an:120-180} | facebook access token
twitter-bearer | AAAAAAAAAAAAAAAAAAAAA{an:30}%3D{an:50} | twitter bearer token
*twitch | {low:30} | twitch client secret
azure-client-secret | {an:3}8Q~{tilde:34} | azure client secret
azure-storage | {b64:76}+AStA{b64:5}== | azure storage key
azure-cosmos | {b64:76}ACDb{b64:6}== | cosmos key
azure-devops | {an:76}AZDO{an:4} | azure devops token
*azure-devops-old | {low:52} | azure devops pat
azure-functions | {url:44}AzFu{url:6}== | function key
*azure-openai | {hex:32} | azure openai api key
databricks | dapi{hex:32} | databricks token
buildkite | bkua_{hex:40} | buildkite token
circleci | CCIPAT_{an:22}_{hex:40} | circle token
*codecov | {uuid} | codecov token
*jenkins | 11{hex:32} | jenkins api token
postman | PMAK-{hex:24}-{hex:34} | postman api key
readme | rdme_{low:70} | readme api key
easypost | EZAK{an:54} | easypost api key
shippo | shippo_live_{hex:40} | shippo token
duffel | duffel_live_{url:43} | duffel token
frameio | fio-u-{url:64} | frameio token
typeform | tfp_{url:59} | typeform token
prefect | pnu_{an:36} | prefect api key
infracost | ico-{an:32} | infracost api key
tailscale | tskey-auth-{an:12}CNTRL-{an:32} | tailscale authkey
ngrok | 2{an:26}_{an:21} | ngrok authtoken
sourcegraph | sgp_{hex:16}_{hex:40} | src access token
octopus | API-{up:26} | octopus api key
adobe | p8e-{low:32} | adobe client secret
alibaba-id | LTAI5t{an:18} | aliyun access key id
*alibaba-secret | {an:30} | aliyun access key secret
tencent-id | AKID{an:32} | tencent secret id
*tencent-secret | {an:32} | tencent secret key
baidu | bce-v3/ALTAK-{an:21}/{hex:40} | qianfan token
yandex-api | AQVN{url:35} | yandex api key
*ibm-cloud | {url:44} | ibm cloud api key
*line-channel | {b64:170}= | line channel access token
dingtalk | https://oapi.dingtalk.com/robot/send?access_token={hex:64} | dingtalk webhook
wecom | https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={uuid} | wecom webhook
feishu | https://open.feishu.cn/open-apis/bot/v2/hook/{uuid} | feishu webhook
*kakao-rest | {hex:32} | kakao rest api key
*naver-secret | {an:10} | naver client secret
*wireguard | {b64:43}= | wireguard private key
polar | polar_oat_{an:43} | polar access token
fly-io | fo1_{url:43} | fly api token
scaleway | SCW{up:17} | scw access key
*kubeadm | {low:6}.{low:16} | kubeadm token
zapier-hook | https://hooks.zapier.com/hooks/catch/{dig:7}/{low:7}/ | zapier webhook
lark | https://open.larksuite.com/open-apis/bot/v2/hook/{uuid} | lark webhook
"""
