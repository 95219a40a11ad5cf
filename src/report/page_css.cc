#include "html.h"

namespace migrate::report {

const char kPageCss[] = R"css(
:root{--paper:#fbfaf7;--panel:#fff;--ink:#1b1e22;--soft:#5a616b;--line:#e4e1da;--track:#efece5;
--blue:#2f6db3;--teal:#1f8a7a;--grey:#7f8893;--sand:#95855e;--red:#c0342b;--plum:#6a5299;--amber:#9a6200;--green:#23734a;
--good-bg:#e9f4ec;--warn-bg:#fdf3e0;--bad-bg:#fcebe9}
@media (prefers-color-scheme:dark){:root{--paper:#14171a;--panel:#1a1e22;--ink:#e8e6e1;--soft:#9da5ae;--line:#2c3238;
--track:#262b31;--blue:#6aa5e6;--teal:#4cc0ad;--grey:#7d8691;--sand:#a3977c;--red:#f0776d;--plum:#a68fdc;--amber:#e5a94a;
--green:#6cc792;--good-bg:#16271d;--warn-bg:#2b2314;--bad-bg:#321a18}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",sans-serif;
-webkit-print-color-adjust:exact;print-color-adjust:exact}
.page{max-width:1080px;margin:0 auto;padding:40px 32px 64px}
a{color:var(--blue);text-underline-offset:2px}
td a,th a,dd a,li a,.note a{color:inherit;text-decoration-color:var(--blue);text-decoration-thickness:2px}
:focus-visible{outline:3px solid var(--blue);outline-offset:2px;border-radius:2px}
:target{background:var(--good-bg);outline:2px solid var(--blue);outline-offset:2px;border-radius:4px;scroll-margin:24px}
section:target,main:target,ul:target{outline:0;background:inherit}
section:target{background:var(--panel)}
.skip{position:absolute;left:-999em;top:8px;padding:8px 14px;background:var(--panel);color:var(--ink);z-index:1}
.skip:focus{left:8px}
nav ul{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:16px 2px 0;padding:0;font-size:14px}
nav a{display:inline-block;padding:4px 0}
p{margin:0 0 12px}
h1{font-size:30px;line-height:1.2;letter-spacing:-.015em;margin:0 0 8px;font-weight:650}
h2{font-size:20px;letter-spacing:-.01em;margin:0 0 18px;font-weight:650}
h3{font-size:16px;margin:24px 0 8px}
code{font:13px/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.subject{display:flex;justify-content:space-between;gap:8px 24px;flex-wrap:wrap;font-weight:600;margin:0 0 14px}
.when,.soft,.note{color:var(--soft);font-weight:400}
.note{font-size:14px;max-width:72ch}
.verdict{display:flex;gap:22px;align-items:flex-start;padding:26px 28px;border-radius:12px;border:1px solid}
.verdict svg{flex:none;width:48px;height:48px;stroke-width:4;stroke-linecap:round;stroke-linejoin:round;fill:none}
.verdict circle{stroke:none}
.verdict path{stroke:var(--panel)}
.verdict p{margin:0;max-width:68ch}
.verdict .limit{margin-top:8px;font-weight:600}
.good{background:var(--good-bg);border-color:var(--green)}.good circle{fill:var(--green)}
.warn{background:var(--warn-bg);border-color:var(--amber)}.warn circle{fill:var(--amber)}
.verdict.bad{background:var(--bad-bg);border-color:var(--red)}.verdict.bad circle{fill:var(--red)}
.ok{color:var(--green);font-weight:600}
span.bad{color:var(--red);font-weight:650}
dl,dd{margin:0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));margin:20px 0 0;border:1px solid var(--line);
border-radius:12px;background:var(--panel);overflow:hidden}
.tile{box-shadow:1px 1px 0 var(--line);padding:16px 18px 14px}
.tile dt{color:var(--soft);font-size:13px}
.tile dd{font-size:21px;font-weight:620;letter-spacing:-.01em;font-variant-numeric:tabular-nums;white-space:nowrap}
.tile dd span{display:block;min-height:1.5em;font-size:13px;font-weight:400;color:var(--soft);letter-spacing:0}
section{margin:24px 0 0;padding:28px 28px 24px;border:1px solid var(--line);border-radius:12px;background:var(--panel)}
.scroll,figure{overflow-x:auto}
.nowrap{white-space:nowrap;overflow-wrap:normal}
table{border-collapse:collapse;width:100%;font-size:14px;margin:0 0 14px}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{text-align:left;padding:8px 20px 8px 0;vertical-align:top;border-bottom:1px solid var(--line);font-weight:400}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--soft);font-size:13px;vertical-align:bottom;white-space:nowrap}
tbody tr:last-child>*{border-bottom:0}
tbody th{font-weight:550}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.zero{color:var(--soft)}
.wide td{padding-top:0}
tr:has(+.wide)>*{border-bottom:0;padding-bottom:4px}
.barcell{min-width:120px;width:32%}
.bar{display:block;width:100%;height:12px;margin-top:5px;border-radius:2px}
.track{fill:var(--track)}
.pale{fill:var(--blue);opacity:.4}
details{margin:2px 0 8px}
summary{cursor:pointer;color:var(--soft);font-size:14px;padding:2px 0}
details .scroll{margin-top:8px}
.examples,.findings{margin:4px 0 6px;padding-left:18px;font-size:14px}
.examples li{margin:0 0 10px}
.findings{color:var(--soft)}
.masked{background:var(--track);padding:1px 6px;border-radius:4px}
figure{margin:0 0 8px}
figure svg{display:block;width:100%;min-width:660px;height:auto}
svg text{font:13px/1 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",sans-serif;fill:var(--ink);
font-variant-numeric:tabular-nums}
svg .labels text{paint-order:stroke;stroke:var(--panel);stroke-width:3px;stroke-opacity:.75;stroke-linejoin:round}
svg .num{font-weight:650;font-size:14px}
svg .sub,svg .tick{fill:var(--soft);font-size:12.5px}
svg .mark{font-weight:600}
.bands path{opacity:.26}
.bands path:hover{opacity:.45}
.f-row{fill:var(--blue)}.f-ins{fill:var(--blue)}.f-upd{fill:var(--teal)}.f-same{fill:var(--grey)}.f-sup{fill:var(--sand)}
.f-bad{fill:var(--red)}.f-old{fill:var(--grey)}.f-cut{fill:url(#cut)}.f-rec{fill:var(--teal)}.f-per{fill:var(--plum)}
.h-match{fill:var(--teal);background:var(--teal)}.h-review{fill:var(--amber);background:var(--amber)}
.h-no{fill:var(--grey);background:var(--grey)}
.grid{stroke:var(--line);fill:none}
.line-match{stroke:var(--ink);stroke-width:1.5;fill:none}
.line-review{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:5 4;fill:none}
.legend{font-size:13px;color:var(--soft)}
.key{display:inline-block;width:11px;height:11px;border-radius:2px;margin:0 6px 0 12px}
.key:first-child{margin-left:0}
.balances{list-style:none;margin:8px 0 12px;padding:0;font-size:14px;font-variant-numeric:tabular-nums}
.balances li{margin:2px 0}
.figures{display:flex;flex-wrap:wrap;gap:12px 40px;margin:0 0 18px}
.figures dt,footer dt{color:var(--soft);font-size:13px}
.figures dd{font-size:18px;font-weight:600;font-variant-numeric:tabular-nums}
.commands b{color:var(--ink);font-variant-numeric:tabular-nums}
.commands div{display:grid;grid-template-columns:minmax(0,29rem) 1fr;gap:2px 24px;padding:7px 0;
border-bottom:1px solid var(--line)}
.commands div:last-child{border-bottom:0}
.commands dt{overflow-wrap:anywhere}
.commands dd{color:var(--soft);font-size:14px}
footer{margin:28px 4px 0;font-size:14px}
footer dl{display:flex;flex-wrap:wrap;gap:12px 36px}
footer dd{overflow-wrap:anywhere}
svg a .num{text-decoration:underline;text-decoration-color:var(--blue)}
@media (max-width:640px){.page{padding:20px 14px 40px}section{padding:20px 16px 16px}h1{font-size:23px}
.verdict{padding:18px;gap:14px}.verdict svg{width:34px;height:34px}.tiles{grid-template-columns:1fr 1fr}
.tile{padding:12px 14px;min-width:0}.tile dd{font-size:18px}.commands div{grid-template-columns:1fr}
nav a{padding:8px 0}figure,.legend{display:none}.scroll{overflow:visible}
table,tbody,tr,th,td{display:block;width:auto}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tbody tr{padding:8px 0;border-bottom:1px solid var(--line)}tbody tr:last-child{border-bottom:0}
tbody tr>*{padding:1px 0;border:0;overflow-wrap:anywhere}
td[data-label]{position:relative;padding-left:8.5em}
td[data-label]::before{content:attr(data-label);position:absolute;left:0;color:var(--soft);font-size:13px}
td.n{text-align:right}tbody th.n{text-align:left}
td:empty{display:none}td.barcell{width:auto;min-width:0}tr:has(+.wide){border-bottom:0;padding-bottom:0}}
@page{size:A4;margin:14mm}
@media print{:root{--paper:#fff;--panel:#fff;--ink:#000;--soft:#444;--line:#bbb;--track:#e8e8e8;--blue:#2f6db3;--teal:#1f8a7a;
--grey:#7f8893;--sand:#95855e;--red:#b02a22;--plum:#6a5299;--amber:#8a5800;--green:#1f6a43;--good-bg:#fff;--warn-bg:#fff;
--bad-bg:#fff}
.page{max-width:none;padding:0}body{font-size:12px}nav,.skip{display:none}
section{break-inside:avoid-page;padding:12px 14px;margin-top:12px}h2,h3,summary{break-after:avoid}
table{font-size:10.5px;break-inside:auto}thead{display:table-header-group}tr,.tile,.commands div{break-inside:avoid}
th,td{padding:4px 8px 4px 0}tr:has(+.wide){break-after:avoid}.barcell{min-width:60px}
.scroll,figure{overflow:visible}figure svg{min-width:0}details:not(.long)::details-content{content-visibility:visible;block-size:auto}
details.long:not([open]){display:none}
a{color:inherit;text-decoration:none}:target{outline:0;background:none}
a[href^="#n"]::after{content:" " attr(href);font-size:8px;color:var(--soft);vertical-align:super}
svg a::after{content:none}.commands div[id]{grid-template-columns:2.5em 26em 1fr}
.commands div[id]::before{content:"#" attr(id);color:var(--soft)}}
)css";

}  // namespace migrate::report
