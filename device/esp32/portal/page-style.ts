/** The dashboard's colours, and nothing that has to be fetched. */
export const STYLE = `:root{color-scheme:light dark;--paper:#f5f6f4;--card:#fff;--ink:#18211d;--muted:#55615b;--line:#7d8a83;--accent:#1d5c4d;--on:#fff;--bad:#96500a;--wash:#fbf0dd}
@media(prefers-color-scheme:dark){:root{--paper:#111513;--card:#1a201d;--ink:#e9eeeb;--muted:#9eaaa4;--line:#66726c;--accent:#8ccfb7;--on:#0e211b;--bad:#efb767;--wash:#2b2214}}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:30rem;margin:0 auto;padding:1.5rem 1rem 3rem;outline:0}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem}
label{display:block;margin:1.1rem 0 .3rem;font-weight:600}
input,select,button{box-sizing:border-box;width:100%;min-height:3rem;padding:0 .8rem;font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:.6rem}
::placeholder{color:var(--muted);opacity:1}
[aria-invalid]{border:2px solid var(--bad)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
button{margin-top:1.5rem;font-weight:600;color:var(--on);background:var(--accent);border-color:var(--accent)}
.quiet{margin-top:.8rem;color:var(--accent);background:none}
a{color:var(--accent)}
[role=alert]{margin:1rem 0;padding:.7rem .9rem;border-left:4px solid var(--bad);border-radius:.3rem;background:var(--wash)}
.code{font:700 2rem/1.6 ui-monospace,monospace;letter-spacing:.06em;text-align:center;background:var(--card);border-radius:.6rem}`;

/** Looks until there is nothing to wait for; a network that is away for some seconds only makes it look again. */
export const LOOK_AGAIN_SCRIPT = `(function look(){setTimeout(()=>fetch("/").then(a=>a.text()).then(t=>{
const n=new DOMParser().parseFromString(t,"text/html").querySelector("main"),o=document.querySelector("main");
if(n&&n.innerHTML!==o.innerHTML){o.replaceWith(n);n.focus()}}).catch(()=>{}).then(()=>{
if(document.querySelector("[data-waits]"))look()}),2500)})()`;
