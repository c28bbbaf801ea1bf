package tickets

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/site/advice"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/site/frame/attach"
	"signpost/internal/dos/ticket"
	"signpost/internal/dos/ticket/servicenow"
	"signpost/internal/national/device"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// shown is what a page shows of a ticket, as it was read.
type shown struct {
	ticket   ticket.Ticket
	account  account.Account // whom it is about; none if that is not known
	remote   servicenow.Remote
	messages []ticket.Message
	files    map[string][]ticket.File
	same     []ticket.Ticket
	merged   []ticket.Ticket // into this one
	into     ticket.Ticket
	facts    []nhsuk.SummaryListRow
	known    rollout.Known
	now      time.Time
	seen     string // names the ticket as it is shown
	bounce   mail.Bounce
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	return p.showTicket(w, r, workForm.New(r))
}

func (p *Pages) showTicket(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	s, err := db.Read(r.Context(), p.desk.DB, func(read db.R) (shown, error) { return p.read(r, read) })
	if err != nil {
		return err
	}
	saved := p.repliesTo(r, s)
	v := oneView{Work: f, Ticket: s.ticket, Rows: rowsOf(s), Facts: s.facts, Over: s.ticket.State == ticket.Merged,
		Unmerge: unmergeForm.New(r)}
	for _, m := range s.messages {
		v.Messages = append(v.Messages, messageOf(m, s))
	}
	for _, one := range s.same {
		text := fmt.Sprintf("%s: %s (%s)", one.Show(), one.Subject, one.State.Title())
		same := sameView{Text: text, Href: pathOf(one.ID)}
		if one.EmailKey == s.ticket.EmailKey && one.EmailKey != "" && !v.Over {
			same.Merge, same.Number = one.ID, one.Show()
		}
		v.Same = append(v.Same, same)
	}
	for _, one := range s.merged {
		v.Same = append(v.Same, sameView{Href: pathOf(one.ID),
			Text: fmt.Sprintf("%s: %s (merged into this one; its page undoes that)", one.Show(), one.Subject)})
	}
	v.Elsewhere = s.elsewhere()
	p.fill(v, s, saved)
	v.Page = p.frame.Page(w, r, "Ticket "+s.ticket.Show())
	v.Page.BackHref = frame.TicketsPage
	v.Page.Wide = true
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), onePage(v))
}

// fill sets what the form begins with: how the ticket is, and the saved replies to it.
func (*Pages) fill(v oneView, s shown, saved replies) {
	v.Work.Saw(s.seen).About(s.ticket.Show())
	for name, is := range asSet(s.ticket) {
		if v.Work.Value(name) == "" {
			v.Work.Set(name, is)
		}
	}
	saved.offer(v.Work)
	if v.Work.Value(addReply) != "" && !v.Work.HasProblems() {
		saved.add(v.Work)
	}
}

func (p *Pages) read(r *http.Request, read db.R) (s shown, err error) {
	ctx := r.Context()
	if s.ticket, err = ticket.Find(ctx, read, reach(r), r.PathValue("id")); err != nil {
		return s, err
	}
	s.now = read.Now()
	if s.messages, err = ticket.MessagesOf(ctx, read, s.ticket.ID); err != nil {
		return s, err
	}
	if s.seen, err = ticket.SeenOf(ctx, read, s.ticket); err != nil {
		return s, err
	}
	if s.bounce, err = mail.BounceOf(ctx, read, s.ticket.Email); err != nil {
		return s, err
	}
	if s.files, err = ticket.FilesOf(ctx, read, s.ticket.ID); err != nil {
		return s, err
	}
	if s.same, err = ticket.SamePerson(ctx, read, reach(r), s.ticket); err != nil {
		return s, err
	}
	if s.merged, err = ticket.MergedInto(ctx, read, s.ticket.ID); err != nil {
		return s, err
	}
	if s.ticket.MergedInto != "" {
		if s.into, err = ticket.ByID(ctx, read, s.ticket.MergedInto); err != nil {
			return s, err
		}
	}
	if s.remote, err = servicenow.Of(ctx, read, s.ticket.ID); err != nil {
		return s, err
	}
	if s.facts, err = p.factsOf(ctx, read, s.ticket); err != nil || s.ticket.AccountID == "" {
		return s, err
	}
	if s.account, err = account.ByID(ctx, read, s.ticket.AccountID); err != nil {
		return s, err
	}
	s.known, err = rollout.Read(ctx, read, s.account.ID)
	return s, err
}

// factsOf says what happened that has the reference of a ticket, and what to tell the person.
func (p *Pages) factsOf(ctx context.Context, read db.R, t ticket.Ticket) (rows []nhsuk.SummaryListRow, err error) {
	if t.Reference == "" {
		return nil, nil
	}
	if found, day, is := device.Read(t.Reference, read.Now()); is {
		return p.deviceRows(t.Reference, found, day), nil
	}
	refusals, err := audit.Refusals(ctx, read, t.Reference)
	if err != nil {
		return nil, err
	}
	for _, e := range refusals {
		words := advice.On(e)
		rows = append(rows, nhsuk.SummaryListRow{Key: "What happened", Value: words.What},
			nhsuk.SummaryListRow{Key: "Tell the person", Value: words.Tell},
			nhsuk.SummaryListRow{Key: "When", Value: when.DateTime(e.At)},
			nhsuk.SummaryListRow{Key: "From", Value: e.From()})
	}
	if len(rows) == 0 {
		rows = portal.ToldRows(p.frame.Box, t.Reference, read.Now())
	}
	if len(rows) == 0 {
		rows = []nhsuk.SummaryListRow{{Key: "What happened", Value: "Nothing is known of this reference here"}}
	}
	return rows, nil
}

// elsewhere reports whether answers to a ticket go to another address than that of the account that it is about.
func (s shown) elsewhere() bool { return s.account.ID != "" && !s.ticket.AnswersTo(s.account) }

// repliesTo gives the saved replies to a ticket. What is the account's is for nobody else to read.
func (p *Pages) repliesTo(r *http.Request, s shown) replies {
	saved := replies{to: s.ticket.Name}
	if s.account.ID == "" || s.account.Kind == account.Machine || s.elsewhere() {
		return saved
	}
	facts, silent := rollout.Facts(r.Context(), p.asker, s.known)
	if silent != nil {
		web.Log(r, slog.String("extract", silent.Error()))
	}
	saved.facts = facts
	saved.steps = path.Next(facts)
	return saved
}

// file gives a file of a ticket.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	f, err := db.Read(r.Context(), p.desk.DB, func(read db.R) (ticket.Opened, error) {
		t, err := ticket.Find(r.Context(), read, reach(r), r.PathValue("id"))
		if err != nil {
			return ticket.Opened{}, err
		}
		return p.desk.OpenFile(r.Context(), read, t, r.PathValue("file"))
	})
	if err != nil {
		return err
	}
	return attach.Send(w, f)
}

func (p *Pages) unmerge(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := p.desk.Unmerge(r.Context(), web.Actor(r), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(id), "The merge is undone.")
}

// rowsOf shows what is known of a ticket.
func rowsOf(s shown) []nhsuk.SummaryListRow {
	t := s.ticket
	rows := []nhsuk.SummaryListRow{
		{Key: "Short description", Value: t.ShortDescription()}, {Key: "About", Value: t.Category.Title()},
		{Key: "State", Value: t.State.Title()}, {Key: "Priority", Value: t.Priority.Title()},
		{Key: "Due", Value: dueText(t, s.now)}, {Key: "Assigned to", ValueHTML: page.Name(assignedText(t))},
		{Key: "Person", ValueHTML: page.Name(t.Name)}, emailRow(t),
	}
	if !s.bounce.Since.IsZero() {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Our emails", Value: "Do not arrive since " +
			when.Date(s.bounce.Since) + ". Telephone the person: an answer does not reach them"})
	}
	if t.Phone != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Telephone", ValueHTML: page.Contact(t.Phone)})
	}
	rows = append(rows, accountRow(s), nhsuk.SummaryListRow{Key: "Raised",
		ValueHTML: page.Lines(when.DateTime(t.Created), wayTexts[t.Way])})
	if t.Reference != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Reference", Value: t.ShowReference()})
	}
	return append(rows, remoteRows(s.remote)...)
}

// remoteRows say which record a ticket has in ServiceNow, and what was refused there.
func remoteRows(m servicenow.Remote) (rows []nhsuk.SummaryListRow) {
	if m.Number != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "In ServiceNow", Value: m.Number})
	}
	if m.Problem != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Not taken there", Value: m.Problem})
	}
	if m.Unread.Reason != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Not read from there",
			ValueHTML: page.Lines(m.Unread.Reason, "Since "+when.DateTime(m.Unread.Since)+". We try again each hour.")})
	}
	return rows
}

var wayTexts = map[ticket.Way]string{
	ticket.ByForm: "By the form", ticket.ByPhone: "By telephone: the service desk raised it", ticket.ByMail: "By email",
}

func dueText(t ticket.Ticket, now time.Time) string {
	switch {
	case t.Due.IsZero() && t.State == ticket.Waiting:
		return "No due time while we wait for the person"
	case t.Due.IsZero():
		return "Nothing is due"
	case t.Overdue(now):
		return when.DateTime(t.Due) + " (overdue)"
	}
	return when.DateTime(t.Due)
}

func assignedText(t ticket.Ticket) string {
	if t.AssignedTo == "" {
		return "Nobody"
	}
	return t.AssignedName
}

func emailRow(t ticket.Ticket) nhsuk.SummaryListRow {
	if t.Email == "" {
		return nhsuk.SummaryListRow{Key: "Email address", Value: "None: telephone the person"}
	}
	since := ""
	if !t.Confirmed.IsZero() {
		since = when.Date(t.Confirmed)
	}
	return nhsuk.SummaryListRow{Key: "Email address", ValueHTML: page.Email(t.Email, since)}
}

// accountRow says whom a ticket is about, and whether they themselves say so.
func accountRow(s shown) nhsuk.SummaryListRow {
	if s.account.ID == "" {
		return nhsuk.SummaryListRow{Key: "Account", Value: "Not known"}
	}
	rest := ", username " + s.account.Username
	if !s.ticket.IsFrom(s.account) {
		rest += ". Whoever wrote has not shown that it is theirs"
	}
	see := nhsuk.ActionParams{Text: "See account", VisuallyHiddenText: "of " + s.account.Name(),
		Href: path.UsersPage + "/" + s.account.ID}
	return nhsuk.SummaryListRow{Key: "Account", ValueHTML: page.Named(s.account.Name(), rest),
		Actions: []nhsuk.ActionParams{see}}
}

var kindTexts = map[ticket.Kind]string{
	ticket.FromPerson: "From the person", ticket.Answer: "Answer", ticket.Note: "Note", ticket.Change: "Change",
}

func messageOf(m ticket.Message, s shown) messageView {
	title := kindTexts[m.Kind]
	if m.TicketID != s.ticket.ID {
		title += ", in the ticket that was merged into this one"
	}
	return messageView{Title: title, By: m.By, When: when.DateTime(m.Written), Lines: page.Paragraphs(m.Text),
		Files: attach.Links(s.files[m.ID], pathOf(s.ticket.ID)+"/files")}
}
