package nhsuk

import (
	"context"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
)

// TestHTML holds the components most pages use to HTML written down here, so
// that a plain go test proves something where nhsuk-frontend is not installed.
func TestHTML(t *testing.T) {
	for _, tt := range []struct {
		name      string
		component templ.Component
		want      string
	}{
		{"a field that was filled in wrongly",
			Input(InputParams{Name: "email", Value: "sam", Label: LabelParams{Text: "Email"}, Hint: "Your work address", ErrorMessage: "Enter an email address"}),
			`<div class="nhsuk-form-group nhsuk-form-group--error"><label class="nhsuk-label" for="email">Email</label>
			<div class="nhsuk-hint" id="email-hint">Your work address</div>
			<span class="nhsuk-error-message" id="email-error"><span class="nhsuk-u-visually-hidden">Error: </span>Enter an email address</span>
			<input class="nhsuk-input nhsuk-input--error" id="email" name="email" type="text" value="sam" aria-describedby="email-hint email-error"></div>`},
		{"errors above the form",
			ErrorSummary(ErrorSummaryParams{ErrorList: []ErrorItem{{Text: "Enter an email address", Href: "#email"}}}),
			`<div class="nhsuk-error-summary" data-module="nhsuk-error-summary"><div role="alert"><h2 class="nhsuk-error-summary__heading">There is a problem</h2>
			<div class="nhsuk-error-summary__body"><ul class="nhsuk-list nhsuk-error-summary__list"><li><a href="#email">Enter an email address</a></li></ul></div></div></div>`},
		{"one answer of two, chosen",
			Radios(RadiosParams{Name: "way", Value: "post", Items: []RadioItem{{Value: "email", Text: "Email"}, {Value: "post", Text: "Post"}}}),
			`<div class="nhsuk-form-group"><div class="nhsuk-radios" data-module="nhsuk-radios">
			<div class="nhsuk-radios__item"><input class="nhsuk-radios__input" id="way" name="way" type="radio" value="email"><label class="nhsuk-label nhsuk-radios__label" for="way">Email</label></div>
			<div class="nhsuk-radios__item"><input class="nhsuk-radios__input" id="way-2" name="way" type="radio" value="post" checked><label class="nhsuk-label nhsuk-radios__label" for="way-2">Post</label></div></div></div>`},
		{"a fact that can be changed",
			SummaryList(SummaryListParams{Rows: []SummaryListRow{{Key: "Name", Value: "Sam", Actions: []ActionParams{{Text: "Change", VisuallyHiddenText: "name", Href: "/name"}}}}}),
			`<dl class="nhsuk-summary-list"><div class="nhsuk-summary-list__row"><dt class="nhsuk-summary-list__key">Name</dt><dd class="nhsuk-summary-list__value">Sam</dd>
			<dd class="nhsuk-summary-list__actions"><a class="nhsuk-link" href="/name">Change<span class="nhsuk-u-visually-hidden"> name</span></a></dd></div></dl>`},
		{"a header without the NHS logo",
			Header(HeaderParams{Service: HeaderService{Text: "Signpost", Href: "/"}}),
			`<header class="nhsuk-header" data-module="nhsuk-header" role="banner"><div class="nhsuk-header__container nhsuk-width-container">
			<div class="nhsuk-header__service"><a class="nhsuk-header__service-name" href="/">Signpost</a></div></div></header>`},
		{"a footer that does not claim to be NHS England's",
			Footer(FooterParams{Meta: FooterMeta{Text: "Ours"}}),
			`<footer class="nhsuk-footer" role="contentinfo"><div class="nhsuk-width-container"><div class="nhsuk-footer__meta"><p class="nhsuk-body-s">Ours</p></div></div></footer>`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(normalised(t, tt.want), normalised(t, written(t, tt.component))); diff != "" {
				t.Errorf("differs (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTypedTextIsEscaped puts what a stranger may type in every place that takes text.
func TestTypedTextIsEscaped(t *testing.T) {
	const typed = `"><script>alert(1)</script>`
	for name, component := range map[string]templ.Component{
		"input": Input(InputParams{Name: typed, Value: typed, Label: LabelParams{Text: typed, IsPageHeading: true}, Hint: typed, ErrorMessage: typed,
			Prefix: typed, Suffix: typed, Attributes: templ.Attributes{"data-x": typed}}),
		"textarea":  Textarea(TextareaParams{Name: typed, Value: "</textarea>" + typed, Label: LabelParams{Text: typed}}),
		"select":    Select(SelectParams{Name: typed, Items: []SelectItem{{Value: typed, Text: typed}}}),
		"radios":    Radios(RadiosParams{Name: typed, Items: []RadioItem{{Value: typed, Text: typed, Hint: typed}, {Divider: typed}}}),
		"button":    Button(ButtonParams{Text: typed, Value: typed, AriaLabel: typed}),
		"table":     Table(TableParams{ID: typed, Caption: TableCaption{Text: typed}, Head: Cells(typed), Rows: [][]TableCell{Cells(typed)}, Responsive: true, Scroll: true}),
		"card":      Card(CardParams{Heading: HeadingParams{Text: typed, ID: typed}, Description: typed, Href: typed, Actions: []ActionParams{{Text: typed, VisuallyHiddenText: typed}}}),
		"task list": TaskList(TaskListParams{Items: []TaskListItem{{Heading: typed, Hint: typed, Href: typed, Status: TaskListStatus{Tag: TagParams{Text: typed, Colour: typed}}}}}),
		"banner":    NotificationBanner(NotificationBannerParams{Title: typed, Text: typed, Heading: HeadingParams{Text: typed, Caption: CaptionParams{Text: typed}}}),
		"header":    Header(HeaderParams{Service: HeaderService{Text: typed, Href: typed}, Account: []HeaderAccountItem{{Text: typed, Action: typed}}}),
	} {
		html := written(t, component)
		if !strings.Contains(html, "alert(1)") {
			t.Errorf("%s: the typed text is not there: %s", name, html)
		}
		if strings.Contains(html, "<script") {
			t.Errorf("%s: the typed text became markup: %s", name, html)
		}
	}
}

// TestLinksRunNoScript puts a script address in links; an honest one goes through.
func TestLinksRunNoScript(t *testing.T) {
	for name, link := range map[string]func(href string) templ.Component{
		"back link": func(href string) templ.Component { return BackLink(BackLinkParams{Href: href}) },
		"button":    func(href string) templ.Component { return Button(ButtonParams{Href: href}) },
		"action":    func(href string) templ.Component { return ActionLink(ActionLinkParams{Href: href}) },
		"cell": func(href string) templ.Component {
			return Table(TableParams{Rows: [][]TableCell{{{Text: "x", Href: href}}}})
		},
		"task": func(href string) templ.Component {
			return TaskList(TaskListParams{Items: []TaskListItem{{Heading: "x", Href: href}}})
		},
	} {
		if html := written(t, link("/services/1?tab=hours")); !strings.Contains(html, `href="/services/1?tab=hours"`) {
			t.Errorf("%s: an honest link is lost: %s", name, html)
		}
		if html := written(t, link("javascript:alert(1)")); strings.Contains(html, "javascript:") {
			t.Errorf("%s: a script address went through: %s", name, html)
		}
	}
}

func written(t *testing.T, component templ.Component) string {
	t.Helper()
	var out strings.Builder
	if err := component.Render(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
