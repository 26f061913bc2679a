const LIGHT = `
--ds-text:#172b4d;--ds-text-subtle:#44546f;--ds-text-subtlest:#626f86;--ds-text-inverse:#fff;--ds-link:#0c66e4;
--ds-border:#dcdfe4;--ds-border-focused:#388bff;--ds-surface:#fff;--ds-surface-overlay:#fff;--ds-surface-sunken:#f7f8f9;
--ds-background-neutral:#e9ebee;--ds-background-neutral-subtle-hovered:#f1f2f4;--ds-background-neutral-bold:#44546f;
--ds-background-information:#e9f2ff;--ds-text-information:#0055cc;--ds-background-information-bold:#0c66e4;
--ds-background-success:#dcfff1;--ds-text-success:#216e4e;--ds-background-success-bold:#1f845a;
--ds-background-danger:#ffeceb;--ds-text-danger:#ae2e24;--ds-background-danger-bold:#c9372c;
--ds-background-warning:#fff7d6;--ds-text-warning:#a54800;--ds-background-selected:#e9f2ff;--ds-text-selected:#0c66e4;
--ds-blanket:#091e427d;--ds-shadow-overlay:0 8px 12px #091e4226,0 0 1px #091e424f;--look-header:#0747a6;--look-header-text:#deebff;`

const DARK = `
--ds-text:#b6c2cf;--ds-text-subtle:#9fadbc;--ds-text-subtlest:#8c9bab;--ds-text-inverse:#1d2125;--ds-link:#579dff;
--ds-border:#38424c;--ds-border-focused:#85b8ff;--ds-surface:#1d2125;--ds-surface-overlay:#282e33;--ds-surface-sunken:#161a1d;
--ds-background-neutral:#333c44;--ds-background-neutral-subtle-hovered:#2a3138;--ds-background-neutral-bold:#9fadbc;
--ds-background-information:#1c2b41;--ds-text-information:#85b8ff;--ds-background-information-bold:#579dff;
--ds-background-success:#1c3329;--ds-text-success:#7ee2b8;--ds-background-success-bold:#4bce97;
--ds-background-danger:#42221f;--ds-text-danger:#fd9891;--ds-background-danger-bold:#f87168;
--ds-background-warning:#332e1b;--ds-text-warning:#f5cd47;--ds-background-selected:#1c2b41;--ds-text-selected:#579dff;
--ds-blanket:#10121499;--ds-shadow-overlay:0 0 0 1px #39424a,0 8px 12px #0304045c;--look-header:#161a1d;--look-header-text:#b6c2cf;`

/**
 * The look of Jira's pages as far as the stand-in needs it: design tokens under their public names, and the class
 * names that AUI keeps stable. Own style sheet because the AUI package installs 72 MB and an icon font whose licence
 * forbids redistribution.
 */
export const LOOK_CSS = `
:root{color-scheme:light;${LIGHT}}
@media (prefers-color-scheme:dark){:root[data-color-mode-auto]{color-scheme:dark;${DARK}}}
*{box-sizing:border-box}
body{margin:0;background:var(--ds-surface);color:var(--ds-text);font:14px/1.43 -apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Noto Sans',Ubuntu,'Helvetica Neue',sans-serif}
a{color:var(--ds-link);text-decoration:none}a:hover{text-decoration:underline}
a:focus-visible,button:focus-visible{outline:2px solid var(--ds-border-focused);outline-offset:2px;border-radius:3px}
h1{font-size:24px;font-weight:500;line-height:1.2;letter-spacing:-.01em;margin:0}h2{font-size:16px;font-weight:600;margin:32px 0 8px}
#page{min-height:100vh;display:flex;flex-direction:column}#content{flex:1}
.aui-header{display:flex;align-items:center;gap:8px;height:56px;padding:0 20px;background:var(--look-header);border-bottom:1px solid var(--ds-border)}
.aui-header a{color:var(--look-header-text);padding:8px 10px;border-radius:3px}
.aui-header a:hover{background:rgba(255,255,255,.12);text-decoration:none}
.aui-header-logo{font-size:18px;font-weight:600}
.aui-nav{display:flex;list-style:none;margin:0;padding:0}
.aui-header-user{margin-left:auto;width:32px;height:32px;border-radius:50%;background:#de350b;color:#fff;display:flex;align-items:center;justify-content:center;font-size:12px;font-weight:600}
.aui-nav-breadcrumbs{flex-wrap:wrap;font-size:14px;margin-bottom:4px}
.aui-nav-breadcrumbs>li+li::before{content:'/';padding:0 8px;color:var(--ds-text-subtlest)}
.issue-view,.list-page{max-width:1360px;margin:0 auto;padding:20px}
.issue-header{display:flex;gap:12px;padding-bottom:16px}
.project-avatar{flex:none;width:48px;height:48px;border-radius:3px;background:#6554c0;color:#fff;display:flex;align-items:center;justify-content:center;font-weight:600}
.project-avatar-small{display:inline-flex;width:24px;height:24px;font-size:10px;margin-right:8px}
.issue-header-main{min-width:0;overflow-wrap:anywhere}.issue-status{margin:8px 0 0}
.issue-body{display:grid;grid-template-columns:minmax(0,1fr) 340px;gap:0 40px}
@media (max-width:800px){.issue-body{grid-template-columns:minmax(0,1fr)}.issue-view,.list-page{padding:16px}}
.module{margin-bottom:24px}
.mod-header{display:flex;align-items:center;gap:12px;margin-bottom:8px}
.mod-header::after{content:'';flex:1;border-top:1px solid var(--ds-border)}
.mod-header h4{margin:0;font-size:14px;font-weight:600;color:var(--ds-text-subtle)}
.mod-content{overflow-wrap:anywhere}.mod-content p{margin:0 0 10px}
.property-list{margin:0}.item{display:flex;gap:10px;margin-bottom:6px}.item dt{flex:0 0 92px;color:var(--ds-text-subtle)}.item dd{margin:0}
.person{display:inline-flex;align-items:center;gap:8px}
.avatar{width:24px;height:24px;border-radius:50%;background:var(--ds-background-neutral-bold);color:var(--ds-text-inverse);display:inline-flex;align-items:center;justify-content:center;font-size:10px;font-weight:600}
.subtle{color:var(--ds-text-subtlest)}
.activity{list-style:none;margin:0;padding:0}.activity-comment{border-bottom:1px solid var(--ds-border);padding:8px 0}.activity-comment p{margin:0 0 6px}.activity-comment .action-details{color:var(--ds-text-subtle)}.action-body p{white-space:pre-line}
.activity-tabs{display:flex;flex-wrap:wrap;gap:4px;list-style:none;margin:0 0 8px;padding:0}.activity-tabs a{display:block;padding:4px 10px;border-radius:3px;color:var(--ds-text-subtle)}
.activity-tabs .active-tab a{background:var(--ds-background-selected);color:var(--ds-text-selected)}
.worklog{display:flex;gap:10px;margin:0 0 6px}.worklog dt{color:var(--ds-text-subtle)}.worklog dd{margin:0}
.aui-lozenge{display:inline-block;font-size:11px;font-weight:700;line-height:1;padding:2px 5px 3px;border-radius:3px;text-transform:uppercase;background:var(--ds-background-neutral-bold);color:var(--ds-text-inverse)}
.aui-lozenge-subtle{background:var(--ds-background-neutral);color:var(--ds-text-subtle)}
.aui-lozenge-inprogress,.aui-lozenge-current{background:var(--ds-background-information-bold)}
.aui-lozenge-success{background:var(--ds-background-success-bold)}.aui-lozenge-error,.aui-lozenge-removed{background:var(--ds-background-danger-bold)}
.aui-lozenge-subtle.aui-lozenge-inprogress,.aui-lozenge-subtle.aui-lozenge-current{background:var(--ds-background-information);color:var(--ds-text-information)}
.aui-lozenge-subtle.aui-lozenge-success{background:var(--ds-background-success);color:var(--ds-text-success)}
.aui-lozenge-subtle.aui-lozenge-error,.aui-lozenge-subtle.aui-lozenge-removed{background:var(--ds-background-danger);color:var(--ds-text-danger)}
.aui-lozenge-subtle.aui-lozenge-moved{background:var(--ds-background-warning);color:var(--ds-text-warning)}
table.aui{width:100%;border-collapse:collapse;margin-top:8px}
table.aui th{text-align:left;font-size:12px;font-weight:600;color:var(--ds-text-subtle);padding:8px 10px;border-bottom:2px solid var(--ds-border)}
table.aui td{padding:8px 10px;border-bottom:1px solid var(--ds-border);overflow-wrap:anywhere;vertical-align:top}
.list-page{overflow-x:auto}.paging{color:var(--ds-text-subtle)}.paging a{margin-left:12px}
#footer{padding:16px 20px;font-size:12px;color:var(--ds-text-subtlest);text-align:center}
`
