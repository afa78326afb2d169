"""Addresses of the staff pages."""

from django.conf import settings
from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver
from django.views.generic import RedirectView

from shouwen.desk.views import (
    accounts,
    ages,
    alert,
    attachments,
    bulk,
    categories,
    complaint,
    escalation,
    explain,
    exports,
    homes,
    import_mapping,
    imports,
    intake,
    listing,
    live,
    morning,
    notices,
    organization,
    organization_imports,
    organization_projects,
    printing,
    regulation,
    saved_views,
    settings_pages,
    staff,
    staff_leaving,
    steps,
    suggesting,
    worklist,
)

app_name = "desk"

_ONE = "complaints/<str:number>/"
_EXPORT = "exports/<uuid:pk>/"
_IMPORT = "imports/<uuid:pk>/"
_LIST = "lists/<slug:name>/"
_PROJECT = "settings/projects/<slug:code>/"
_STAFF = "settings/staff/<int:pk>/"
_UPLOAD = "settings/bring-in/<uuid:pk>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="desk:worklist")),
    path("desk/", worklist.worklist, name="worklist"),
    path("live/", live.live, name="live"),
    path("intake/", intake.intake, name="intake"),
    path("intake/matter/", intake.matter, name="matter"),
    path("intake/caller/", intake.caller, name="caller"),
    path("intake/homes/", intake.home_choices, name="homes"),
    path("intake/suggestion/", suggesting.suggestion, name="suggestion"),
    path("intake/preview/", intake.preview, name="intake-preview"),
    path("complaints/", listing.complaints, name="complaints"),
    path("complaints/ages/", ages.by_age, name="ages"),
    path("complaints/search/", listing.search, name="search"),
    path(_LIST + "count/", listing.count, name="list-count"),
    path(_LIST + "columns/", saved_views.columns, name="list-columns"),
    path(_LIST + "views/", saved_views.save, name="view-save"),
    path(_LIST + "views/undo/", saved_views.bring_back, name="view-bring-back"),
    path(_LIST + "views/<int:pk>/", saved_views.change, name="view-change"),
    path(_LIST + "views/<int:pk>/delete/", saved_views.delete, name="view-delete"),
    path(_LIST + "bulk/", bulk.steps, name="bulk"),
    path(_LIST + "bulk/<slug:step>/", bulk.step, name="bulk-step"),
    path(_ONE, complaint.complaint, name="complaint"),
    path(_ONE + "telephone/", complaint.telephone, name="telephone"),
    path(_ONE + "attach/", attachments.attach, name="attach"),
    path(_ONE + "steps/<slug:name>/", steps.step, name="step"),
    path(_ONE + "steps/<slug:name>/preview/", steps.preview, name="step-preview"),
    path(_ONE + "clocks/<int:pk>/", explain.clock, name="clock"),
    path(_ONE + "print/record/", printing.record, name="record"),
    path(_ONE + "print/work-order/<slug:department>/", printing.work_order, name="work-order"),
    path("attachments/<uuid:pk>/", attachments.attachment, name="attachment"),
    path("categories/", categories.tree, name="categories"),
    path("categories/<slug:code>/", categories.change, name="category"),
    path("morning/", morning.sheet, name="morning"),
    path("homes/", homes.find, name="find-home"),
    path("homes/<int:pk>/", homes.home, name="home"),
    path("homes/<int:pk>/people/<int:customer>/telephone/", homes.telephone, name="home-telephone"),
    path("notices/", notices.mine, name="notices"),
    path("notices/bell/", notices.bell, name="bell"),
    path("notices/read/", notices.read, name="notices-read"),
    path("notices/<int:pk>/", alert.notice, name="notice"),
    path("n/<str:token>/", alert.by_link, name="notice-link"),
    path("regulation/", regulation.regulation, name="regulation"),
    path("settings/", settings_pages.settings, name="settings"),
    path("settings/organization/", organization.tree, name="organization"),
    path("settings/organization/<slug:kind>/", organization.new, name="organization-new"),
    path(
        "settings/organization/<slug:kind>/<int:pk>/",
        organization.change,
        name="organization-change",
    ),
    path(_PROJECT, organization_projects.project, name="project"),
    path(_PROJECT + "departments/", organization_projects.new_department, name="department-new"),
    path(
        _PROJECT + "departments/<slug:department>/",
        organization_projects.department,
        name="department",
    ),
    path(_PROJECT + "homes/", organization_projects.homes, name="project-homes"),
    path(
        _PROJECT + "homes/<int:pk>/remove/",
        organization_projects.remove_home,
        name="home-remove",
    ),
    path("settings/escalation/", escalation.projects, name="escalation"),
    path("settings/escalation/<slug:code>/", escalation.policies_page, name="escalation-project"),
    path("settings/escalation/<slug:code>/preview/", escalation.preview, name="escalation-preview"),
    path("settings/escalation/<slug:code>/rehearse/", escalation.rehearse, name="rehearse"),
    path("settings/staff/", staff.everybody, name="staff"),
    path("settings/staff/new/", staff.new, name="staff-new"),
    path(_STAFF, staff.one, name="staff-one"),
    path(_STAFF + "telephone/", staff.telephone, name="staff-telephone"),
    path(_STAFF + "posts/", staff.give_post, name="staff-posts"),
    path(_STAFF + "posts/<int:post>/", staff.end_post, name="staff-post"),
    path(_STAFF + "back/", staff.back, name="staff-back"),
    path(_STAFF + "leaving/", staff_leaving.leave, name="staff-leave"),
    path("settings/bring-in/", organization_imports.imports, name="organization-imports"),
    path(
        "settings/bring-in/template/", organization_imports.template, name="organization-template"
    ),
    path(_UPLOAD, organization_imports.one, name="organization-import"),
    path(_UPLOAD + "begin/", organization_imports.begin, name="organization-import-begin"),
    path(_UPLOAD + "remove/", organization_imports.remove, name="organization-import-remove"),
    path(_UPLOAD + "wrong/", organization_imports.wrong, name="organization-import-wrong"),
    path("exports/", exports.exports, name="exports"),
    path(_EXPORT, exports.export, name="export"),
    path(_EXPORT + "cancel/", exports.cancel, name="export-cancel"),
    path(_EXPORT + "remove/", exports.remove, name="export-remove"),
    path(_EXPORT + "again/", exports.again, name="export-again"),
    path(_EXPORT + "file/", exports.download, name="export-file"),
    path("imports/", imports.imports, name="imports"),
    path(_IMPORT, imports.one, name="import"),
    path(_IMPORT + "progress/", imports.progress, name="import-progress"),
    path(_IMPORT + "begin/", imports.begin, name="import-begin"),
    path(_IMPORT + "stop/", imports.stop, name="import-stop"),
    path(_IMPORT + "remove/", imports.remove, name="import-remove"),
    path(_IMPORT + "mended/", imports.mended, name="import-mended"),
    path(_IMPORT + "rejected/<uuid:run>/", imports.rejected, name="import-rejected"),
    path(_IMPORT + "mapping/", import_mapping.mapping, name="import-mapping"),
    path(_IMPORT + "mapping/reading/", import_mapping.reading, name="import-reading"),
    path(_IMPORT + "mapping/take/", import_mapping.take, name="import-take"),
    path(_IMPORT + "mapping/file/", import_mapping.download, name="import-mapping-file"),
]

if settings.SHOUWEN_DEMO:
    urlpatterns.append(
        path("demo/sign-in/<str:username>/", accounts.demo_sign_in, name="demo-sign-in")
    )
