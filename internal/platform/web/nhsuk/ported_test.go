package nhsuk

// A port is one component of nhsuk-frontend that we write in Go.
type port struct {
	folder    string // of its fixtures
	component any    // func(Params) templ.Component
	children  bool   // takes its html as children
	adapt     func(options map[string]any)
	leftOut   map[string]string // option or fixture, and why we do without it
}

// Why some options are left out.
const (
	textOnly      = "its text is always plain"
	deprecated    = "nhsuk-frontend keeps it only for old pages"
	contradicts   = "a class and an option that say different things"
	disabledAlone = "a field is disabled by itself or with all of them"
	twoFields     = "a date of two fields is written with Items"
	noEmpty       = "a list in Go has no empty items to skip"
)

var ported = []port{
	{folder: "action-link", component: ActionLink, leftOut: map[string]string{"html": textOnly}},
	{folder: "back-link", component: BackLink, leftOut: map[string]string{"html": textOnly}},
	{folder: "breadcrumb", component: Breadcrumb, leftOut: map[string]string{
		"backLink.attributes": "the site is in one language",
	}},
	{folder: "button", component: Button, leftOut: map[string]string{
		"with double click not prevented": "saying the default aloud changes nothing",
	}},
	{folder: "card", component: Card, children: true, adapt: cardContent, leftOut: map[string]string{
		"image": "no card has a picture",
	}},
	{folder: "checkboxes", component: Checkboxes, leftOut: map[string]string{
		"disabled with enabled input": disabledAlone,
		"items.exclusive":             deprecated,
		"items.exclusiveGroup":        deprecated,
	}},
	{folder: "date-input", component: DateInput, leftOut: map[string]string{
		"values":                      "each field holds its own value",
		"day and month":               twoFields,
		"month and year":              twoFields,
		"month and year with fields":  twoFields,
		"disabled with enabled input": disabledAlone,
	}},
	{folder: "details", component: Details, children: true, leftOut: map[string]string{
		"summary.html": textOnly,
	}},
	{folder: "error-message", component: ErrorMessage, leftOut: map[string]string{
		"without visually hidden text": "a screen reader always says that it is an error",
	}},
	{folder: "error-summary", component: ErrorSummary, adapt: callerDescribes, leftOut: map[string]string{
		"auto-focus explicitly enabled": "saying the default aloud changes nothing",
	}},
	{folder: "fieldset", component: Fieldset, children: true},
	{folder: "footer", component: Footer, adapt: nhsFooter},
	{folder: "header", component: Header, adapt: nhsLogo, leftOut: map[string]string{
		"search":       "search is a page of the directory",
		"organisation": "an organisation's name belongs to the NHS logo, which Signpost does not show",
		"logo.src":     "Signpost shows no logo",
	}},
	{folder: "heading", component: Heading, leftOut: map[string]string{
		"size class overriding size option": contradicts,
	}},
	{folder: "hint", component: Hint},
	{folder: "input", component: Input, adapt: afterInput, leftOut: map[string]string{
		"width class overriding width option": contradicts,
		"prefix.html":                         textOnly,
		"suffix.html":                         textOnly,
	}},
	{folder: "inset-text", component: InsetText, children: true},
	{folder: "label", component: Label, leftOut: map[string]string{
		"size class overriding size option":               contradicts,
		"with deprecated page heading overriding heading": deprecated,
	}},
	{folder: "legend", component: Legend, leftOut: map[string]string{
		"size class overriding size option":               contradicts,
		"with deprecated page heading overriding heading": deprecated,
	}},
	{folder: "notification-banner", component: NotificationBanner, children: true, leftOut: map[string]string{
		"attributes":      "the script sets the tab order",
		"heading.element": "a heading is a heading",
		"auto-focus explicitly enabled, with success variant": "saying the default aloud changes nothing",
	}},
	{folder: "pagination", component: Pagination, leftOut: map[string]string{"nextPage": deprecated}},
	{folder: "panel", component: Panel},
	{folder: "password-input", component: PasswordInput, leftOut: map[string]string{
		"button": "the Show button always looks and works the same",
	}},
	{folder: "radios", component: Radios, leftOut: map[string]string{
		"disabled with enabled input": disabledAlone,
	}},
	{folder: "select", component: Select, adapt: afterInput},
	{folder: "skip-link", component: SkipLink},
	{folder: "summary-list", component: SummaryList, leftOut: map[string]string{
		"rows.key.width": "a column's width is the design system's",
	}},
	{folder: "tables", component: Table, leftOut: map[string]string{
		"card.true": "a card has a heading",
		"heading":   deprecated,
	}},
	{folder: "tabs", component: Tabs},
	{folder: "tag", component: Tag, leftOut: map[string]string{
		"html":                                  textOnly,
		"colour class overriding colour option": contradicts,
	}},
	{folder: "task-list", component: TaskList, leftOut: map[string]string{
		"items.title":      deprecated,
		"with empty items": noEmpty,
	}},
	{folder: "textarea", component: Textarea},
	{folder: "warning-callout", component: WarningCallout, children: true},
}

// notPorted are the components of nhsuk-frontend that we do without, and why.
var notPorted = map[string]string{
	"caption":         "has no fixtures of its own; those of heading, label and legend hold it",
	"character-count": "no page asks for a text so long that it must be counted",
	"code":            "no page shows program text",
	"file-upload":     "its script makes a button whose name is not what it shows; an input of the type file does",
	"contents-list":   "no page is one of a guide of several",
	"do-dont-list":    "no page tells what to do beside what not to do",
	"hero":            "it is for sites that advertise themselves",
	"images":          "no page has a picture",
	"scroll":          "has no use outside tables, which have their own",
	"search-input":    "search is a page of the directory, with a form of several fields",
}

// afterInput takes what stands after a field out of the options of its group.
func afterInput(options map[string]any) {
	if group, is := options["formGroup"].(map[string]any); is {
		options["afterInput"] = group["afterInput"]
		delete(options, "formGroup")
	}
}

// cardContent makes a description of markup the card's children.
func cardContent(options map[string]any) {
	if description, is := options["description"].(map[string]any); is && description["html"] != nil {
		options["html"] = description["html"]
		delete(options, "description")
	}
}

// callerDescribes makes what a caller writes in an error summary its description.
func callerDescribes(options map[string]any) {
	if html, given := options["html"]; given {
		options["description"] = map[string]any{"html": html}
		delete(options, "html")
	}
}

// nhsLogo gives the header the logo that the macro always shows and Signpost never does.
func nhsLogo(options map[string]any) {
	logo := map[string]any{"alt": "NHS", "html": nhsLogoSVG}
	if given, is := options["logo"].(map[string]any); is {
		for name, value := range given {
			logo[name] = value
		}
	}
	options["logo"] = logo
}

// nhsFooter gives the footer the owner that the macro takes for granted.
func nhsFooter(options map[string]any) {
	if _, given := options["copyright"]; !given {
		options["copyright"] = "© NHS England"
	}
	if html, given := options["html"]; given {
		delete(options, "html")
		options["meta"] = map[string]any{"html": html}
	}
	if one, is := options["navigation"].(map[string]any); is {
		options["navigation"] = []any{one}
	}
}

const nhsLogoSVG = `<svg class="nhsuk-header__logo" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 80" height="40" width="100" focusable="false" role="img" aria-label="NHS"><title>NHS</title><path fill="currentcolor" d="M200 0v80H0V0h200Zm-27.5 5.5c-14.5 0-29 5-29 22 0 10.2 7.7 13.5 14.7 16.3l.7.3c5.4 2 10.1 3.9 10.1 8.4 0 6.5-8.5 7.5-14 7.5s-12.5-1.5-16-3.5L135 70c5.5 2 13.5 3.5 20 3.5 15.5 0 32-4.5 32-22.5 0-19.5-25.5-16.5-25.5-25.5 0-5.5 5.5-6.5 12.5-6.5a35 35 0 0 1 14.5 3l4-13.5c-4.5-2-12-3-20-3Zm-131 2h-22l-14 65H22l9-45h.5l13.5 45h21.5l14-65H64l-9 45h-.5l-13-45Zm63 0h-18l-13 65h17l6-28H117l-5.5 28H129l13.5-65H125L119.5 32h-20l5-24.5Z"/></svg>`
