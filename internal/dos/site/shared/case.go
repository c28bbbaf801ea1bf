package shared

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	cases "signpost/internal/dos/shared"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seen"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// forms are those on the page of a case.
type forms struct{ begin, date, reject, rejectAll, merge, state *form.Rendered }

func formsOf(r *http.Request) forms {
	return forms{begin: beginForm.New(r), date: dateForm.New(r), reject: rejectForm.New(r), merge: mergeForm.New(r),
		state: stateForm.New(r), rejectAll: rejectAllForm.New(r)}
}

func (f forms) all() []*form.Rendered {
	return []*form.Rendered{f.begin, f.date, f.reject, f.rejectAll, f.merge, f.state}
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	return p.showCase(w, r, formsOf(r))
}

func (p *Pages) showCase(w http.ResponseWriter, r *http.Request, f forms) error {
	v, err := db.Read(r.Context(), p.cases.DB, func(read db.R) (v caseView, err error) {
		v.Forms = f
		err = v.read(r, read)
		return v, err
	})
	if err != nil {
		return err
	}
	if v.hasStray() {
		return web.SeeOther(w, r, cases.CasePath(r.PathValue("id")),
			"Nothing was changed. Look at the page again: that cannot be done now.")
	}
	v.Page = p.frame.Page(w, r, "Shared account "+v.Username)
	v.Page.BackHref = path.UsersPage + "/" + r.PathValue("id")
	v.Page.Wide = true
	status := http.StatusOK
	for _, one := range f.all() {
		one.About(v.Username)
		v.Page.Error = v.Page.Error || one.HasProblems()
		status = max(status, one.Status())
	}
	return web.Show(w, r, status, casePage(v))
}

// hasStray reports whether something is wrong with a form that is not on the page.
func (v *caseView) hasStray() bool {
	f := v.Forms
	return f.begin.HasProblems() && v.There || f.state.HasProblems() && !v.There ||
		f.date.HasProblems() && !v.Undone || f.reject.HasProblems() && !v.MayReject ||
		f.merge.HasProblems() && !v.MayMerge || f.rejectAll.HasProblems() && v.Full == ""
}

func (v *caseView) read(r *http.Request, read db.R) error {
	ctx := r.Context()
	a, err := account.ByID(ctx, read, r.PathValue("id"))
	if err != nil {
		return err
	}
	if !frame.Reach(r, account.ManageUsers).Covers(a) {
		return account.ErrOutside
	}
	if a.Kind != account.Shared {
		return fault.NotFound
	}
	v.Username = a.Username
	v.Wall = strings.ReplaceAll(frame.TeamWallPath, "{id}", a.ID)
	found, err := cases.Of(ctx, read, a.ID)
	if errors.Is(err, fault.NotFound) {
		return v.offerBegin(ctx, read, a)
	}
	if err != nil {
		return err
	}
	of, err := wave.Of(ctx, read, a.ID)
	if err != nil {
		return err
	}
	v.There = true
	v.Undone = found.State != cases.Retired
	v.Forms.state.Offer("move", movesFrom(found.State))
	if v.Undone {
		v.Forms.date.Set("retires", when.Date(found.Retires))
	}
	v.About = []nhsuk.SummaryListRow{
		{Key: "State", ValueHTML: nhsuk.Tag(stateTag(found.State, of))},
		{Key: "Case opened", Value: when.Date(found.Opened)},
		{Key: "Deactivation date", Value: when.Date(found.Retires)},
	}
	if shut(found.State, of) {
		v.About = slices.Insert(v.About, 1, nhsuk.SummaryListRow{Key: "Shut", Value: shutText(of)})
	}
	if err := v.readUse(ctx, read, found); err != nil {
		return err
	}
	return v.readClaims(r, read, a.ID)
}

// offerBegin offers to open a case, with the date from which the account's wave takes no passwords.
func (v *caseView) offerBegin(ctx context.Context, r db.R, a account.Account) error {
	v.MayBegin = a.Active
	date, err := cases.UsualDate(ctx, r, a.ID)
	v.Forms.begin.Set("retires", when.Date(date))
	return err
}

// shut reports whether a wave has shut a shared account whose case is in a state: its password opens nothing any more,
// whatever its deactivation date.
func shut(s cases.State, of wave.Wave) bool {
	facts := signin.PasswordFacts{Kind: account.Shared, Phase: of.Phase}
	return s != cases.Retired && signin.DecidePassword(facts).Problem != nil
}

// shutText says which wave has shut an account, and since when.
func shutText(of wave.Wave) string {
	since := ""
	if !of.PasswordsEnded.IsZero() {
		since = "Since " + when.DateTime(of.PasswordsEnded) + ", "
	}
	return since + "by its wave, " + of.Name + ", which requires Care Identity. Nobody can log in with it."
}

func stateTag(s cases.State, of wave.Wave) nhsuk.TagParams {
	if shut(s, of) {
		return nhsuk.TagParams{Text: "Shut by its wave", Colour: nhsuk.TagStopped}
	}
	switch s {
	case cases.Frozen:
		return nhsuk.TagParams{Text: "Frozen: looking only", Colour: nhsuk.TagLimited}
	case cases.Retired:
		return nhsuk.TagParams{Text: "Retired", Colour: nhsuk.TagStopped}
	}
	return nhsuk.TagParams{Text: "In use", Colour: nhsuk.TagAwaited}
}

// shownUse is how far back unclaimed use is shown.
const shownUse = 28 * 24 * time.Hour

func (v *caseView) readUse(ctx context.Context, r db.R, c cases.Case) error {
	v.UseSince = "in the last 28 days"
	if r.Now().Sub(c.Opened) < shownUse {
		v.UseSince = "since the case was opened" // no use from before it was kept
	}
	list, total, err := cases.Unclaimed(ctx, r, c.AccountID, r.Now().Add(-shownUse))
	if err != nil {
		return err
	}
	v.UseCount = page.CountText(0, len(list), total, "login", "logins")
	for _, u := range list {
		v.Use = append(v.Use, nhsuk.Cells(when.DateTime(u.At), cmp.Or(u.Network, "Not known"),
			cmp.Or(u.Browser, "Not known")))
	}
	quiet, err := cases.QuietSince(ctx, r, c)
	if r.Now().Before(quiet) && v.Undone {
		v.Quiet = "It may retire early from " + when.Date(quiet) +
			", if nobody uses it until then who has not said who they are."
	}
	return err
}

// progressTags show how far somebody has come.
var progressTags = map[cases.Progress]nhsuk.TagParams{
	cases.IsClaimed:   {Text: "Claimed", Colour: nhsuk.TagAwaited},
	cases.IsConfirmed: {Text: "Confirmed", Colour: nhsuk.TagAwaited},
	cases.IsReady:     {Text: "Ready", Colour: nhsuk.TagLimited},
	cases.IsMoved:     {Text: "Moved", Colour: nhsuk.TagGood},
	cases.IsRejected:  {Text: "Rejected", Colour: nhsuk.TagStopped},
	cases.IsMerged:    {Text: "Merged", Colour: nhsuk.TagStopped},
}

// claimsOnPage is the number of claims on a page.
const claimsOnPage = 50

// others gives the names, other than the first one, that were typed for an address.
func others(first string, names []string) string {
	return strings.Join(slices.DeleteFunc(names, func(name string) bool { return name == first }), "; ")
}

func (v *caseView) readClaims(r *http.Request, read db.R, accountID string) error {
	ctx := r.Context()
	onPage, err := page.Read(r, claimsOnPage, func(skip, limit int) ([]cases.Claim, int, error) {
		return cases.Claims(ctx, read, accountID, skip, limit)
	})
	if err != nil {
		return err
	}
	v.Links = onPage.Links(cases.CasePath(accountID), r)
	if err := v.readCrowd(ctx, read, accountID); err != nil {
		return err
	}
	if err := v.showClaims(r, read, accountID, onPage.Items); err != nil {
		return err
	}
	counts, err := cases.Counts(ctx, read, accountID)
	if err != nil {
		return err
	}
	v.Counts = fmt.Sprintf("%d claimed, %d confirmed, %d ready, %d moved", counts[cases.IsClaimed],
		counts[cases.IsConfirmed], counts[cases.IsReady], counts[cases.IsMoved])
	return v.offerClaims(ctx, read, accountID, onPage.Items)
}

// showClaims shows what is known of claims, each with the form that confirms it.
func (v *caseView) showClaims(r *http.Request, read db.R, accountID string, list []cases.Claim) error {
	progress, err := cases.ProgressOf(r.Context(), read, list)
	if err != nil {
		return err
	}
	names, err := cases.NamesOf(r.Context(), read, list)
	if err != nil {
		return err
	}
	var codes []string
	for _, c := range list {
		codes = append(codes, c.Organisation)
	}
	organisations, err := directory.OrganisationTexts(r.Context(), read, codes)
	if err != nil {
		return err
	}
	use, err := useTexts(r.Context(), read, accountID)
	if err != nil {
		return err
	}
	for _, c := range list {
		pick, err := c.Pick(names[c.ID])
		if err != nil {
			return err
		}
		v.Claims = append(v.Claims, claimView{
			Name: c.Name(), Email: c.Email,
			Organisation: directory.TypedText(organisations[c.Organisation], c.Organisation),
			Made:         when.Date(c.Made), Given: c.Given, Tag: progressTags[progress[c.ID]], Reason: c.Reason,
			Confirm: confirmable(r, c, pick), Others: others(c.Name(), names[c.ID]), Proved: !c.Proved.IsZero(),
			Use: use[c.ID],
		})
		if v.Full != "" && c.State == cases.Claimed { // all of a network or a browser can be rejected together
			v.Claims[len(v.Claims)-1].From = v.crowd.from(c)
		}
	}
	return nil
}

// useTexts says from where the account was used in somebody's name, by the claim.
func useTexts(ctx context.Context, r db.R, accountID string) (map[string][]string, error) {
	list, err := cases.UseByClaims(ctx, r, accountID, r.Now().Add(-shownUse))
	texts := map[string][]string{}
	for _, u := range list {
		texts[u.ClaimID] = append(texts[u.ClaimID], fmt.Sprintf("%s, %s: %s, the last on %s",
			cmp.Or(u.Network, "Network not known"), cmp.Or(u.Browser, "browser not known"),
			page.CountText(0, u.Logins, u.Logins, "login", "logins"), when.DateTime(u.At)))
	}
	return texts, err
}

// offerClaims offers the claims of the page to be rejected or merged, and those of all pages to be merged into.
func (v *caseView) offerClaims(ctx context.Context, r db.R, accountID string, onPage []cases.Claim) error {
	standing, err := cases.Standing(ctx, r, accountID)
	if err != nil {
		return err
	}
	names, err := cases.NamesOf(ctx, r, standing)
	if err != nil {
		return err
	}
	isHere := func(c cases.Claim) bool {
		return slices.ContainsFunc(onPage, func(one cases.Claim) bool { return one.ID == c.ID })
	}
	rejectable := []nhsuk.RadioItem{}
	mergeable := []nhsuk.RadioItem{}
	confirmed := []nhsuk.RadioItem{}
	claimed := []nhsuk.RadioItem{}
	for _, c := range standing {
		pick, err := c.Pick(names[c.ID])
		if err != nil {
			return err
		}
		item := nhsuk.RadioItem{Value: pick.Value(), Text: c.Name(), Hint: c.Email}
		if c.State == cases.Confirmed {
			confirmed = append(confirmed, item)
		} else {
			claimed = append(claimed, item)
		}
		if isHere(c) {
			rejectable = append(rejectable, item)
		}
		if isHere(c) && c.State == cases.Claimed {
			mergeable = append(mergeable, item)
		}
	}
	v.MayReject = len(rejectable) > 0
	v.MayMerge = len(mergeable) > 0 && len(standing) > 1
	v.Forms.reject.Offer("claim", rejectable)
	v.Forms.merge.Offer("merged", mergeable)
	v.Forms.merge.Offer("into", append(confirmed, claimed...))
	return nil
}

// confirmable gives the form that confirms a claim, or nil.
func confirmable(r *http.Request, c cases.Claim, pick seen.Pick) *confirmView {
	f := confirmForm.New(r).Set("claim", pick.ID).Saw(pick.Seen).About(c.Name())
	switch c.State {
	case cases.Claimed:
		return &confirmView{Form: f, Text: "Confirm", Label: "Confirm " + c.Name()}
	case cases.Confirmed:
		return &confirmView{Form: f, Text: "Send the email again", Label: "Send the email again to " + c.Name()}
	case cases.Rejected:
		return &confirmView{Form: f, Text: "Confirm after all", Label: "Confirm after all " + c.Name()}
	}
	return nil
}

// casesOnPage is the number of cases on a page of the list.
const casesOnPage = 50

// list shows the cases of the accounts that the user manages.
func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	v, err := db.Costly(r.Context(), p.cases.DB, func(read db.R) (listView, error) { return readList(r, read) })
	if err != nil {
		return err
	}
	v.Page = p.frame.Page(w, r, v.title)
	v.Page.BackHref = path.UsersPage
	return web.Show(w, r, http.StatusOK, listPage(v))
}

func readList(r *http.Request, read db.R) (v listView, err error) {
	reach := frame.Reach(r, account.ManageUsers)
	list, err := page.Read(r, casesOnPage, func(skip, limit int) ([]cases.Case, int, error) {
		return cases.Undone(r.Context(), read, reach, skip, limit)
	})
	if err != nil {
		return v, err
	}
	v.title = list.Titled("Shared accounts")
	v.Count = list.Count("account", "accounts")
	v.Links = list.Links(listPath, r)
	var ids []string
	for _, c := range list.Items {
		ids = append(ids, c.AccountID)
	}
	accounts, err := account.ByIDs(r.Context(), read, ids)
	if err != nil {
		return v, err
	}
	var codes []string
	for _, a := range accounts {
		codes = append(codes, a.Organisation)
	}
	waves, err := wave.OfEach(r.Context(), read, ids)
	if err != nil {
		return v, err
	}
	organisations, err := directory.OrganisationTexts(r.Context(), read, codes)
	for _, c := range list.Items {
		if a, there := accounts[c.AccountID]; there {
			v.Rows = append(v.Rows, []nhsuk.TableCell{{HTML: caseLink(cases.CasePath(a.ID), a.Username)},
				{Text: organisations[a.Organisation]}, {HTML: nhsuk.Tag(stateTag(c.State, waves[a.ID]))},
				{Text: when.Date(c.Retires)}})
		}
	}
	return v, err
}
