package mailings

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/mailing"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// own is the share that a writer has in their mail, whoever it is for.
const own mailing.Share = "own"

// read reads a mail that the user wrote, or that is sent to people whom they look after.
func (m *Mailings) read(r *http.Request) (mailing.Mailing, mailing.Share, error) {
	type shared struct {
		mailing mailing.Mailing
		share   mailing.Share
	}
	s, err := db.Costly(r.Context(), m.office.DB, func(read db.R) (s shared, err error) {
		if s.mailing, err = mailing.ByID(r.Context(), read, r.PathValue("id")); err != nil {
			return s, err
		}
		if s.mailing.WrittenBy == web.Actor(r).ID {
			s.share = own
			return s, nil
		}
		s.share, err = s.mailing.ShareOf(r.Context(), read, frame.Reach(r, account.ManageUsers))
		return s, err
	})
	if err == nil && s.share != own && (s.share == mailing.None || s.mailing.Begun.IsZero()) {
		err = mailing.ErrNotYours
	}
	return s.mailing, s.share, err
}

// show shows a mail: before it is sent how it looks and to how many it goes, then how far it has come and who had it.
func (m *Mailings) show(w http.ResponseWriter, r *http.Request) error {
	return m.showOne(w, r, reasonForm.New(r))
}

func (m *Mailings) showOne(w http.ResponseWriter, r *http.Request, reason *form.Rendered) error {
	one, share, err := m.read(r)
	if err != nil {
		return err
	}
	v := oneView{Subject: one.Text.Subject, Own: share == own, MayStop: share != mailing.Some, Writer: writerOf(one),
		Prepared: one.State == mailing.Prepared, Sending: one.State == mailing.Sending, Send: sendForm.New(r),
		Begins: m.begins(one), Ends: m.ends(one), Stop: stopForm.New(r), Unexplained: one.Unexplained(web.Actor(r)),
		Reason: reason.About(one.Text.Subject)}
	if wrong := one.Selection.Corrects; wrong != nil {
		v.Corrects = page.Link{Text: wrong.Subject, Href: frame.MailingsPage + "/" + wrong.ID}
	}
	if v.Prepared {
		err = m.tally(r, one, &v)
	} else {
		err = m.progress(r, one, share, &v)
	}
	if err != nil {
		return err
	}
	who, err := db.Read(r.Context(), m.office.DB, func(read db.R) ([]nhsuk.SummaryListRow, error) {
		return whoRows(r.Context(), read, one.Selection)
	})
	if err != nil {
		return err
	}
	v.Rows = append(who, v.Rows...)
	v.Page = m.frame.Page(w, r, title)
	v.Page.BackHref = frame.MailingsPage
	v.Page.Error = reason.HasProblems()
	return web.Show(w, r, reason.Status(), onePage(v))
}

// begins is the time at which the first batch of a mail goes that waits; empty once it has begun.
func (m *Mailings) begins(one mailing.Mailing) string {
	if one.State != mailing.Sending || !one.Starts.After(m.office.DB.Now()) {
		return ""
	}
	return when.TimeOfDay(one.Starts)
}

// ends is the time at which the last of a mail goes that is being sent; empty where nobody waits for a minute's room.
func (m *Mailings) ends(one mailing.Mailing) string {
	if last := m.office.Expected(one); one.State == mailing.Sending && !last.IsZero() {
		return when.DateTime(last)
	}
	return ""
}

// progress shows how far a mail has come, who had it, and where it is corrected.
func (m *Mailings) progress(r *http.Request, one mailing.Mailing, share mailing.Share, v *oneView) error {
	v.Rows = progressRows(one, v.Begins != "")
	returned, err := db.Read(r.Context(), m.office.DB, func(read db.R) ([]string, error) {
		return mail.CameBack(r.Context(), read, one.ID)
	})
	if err != nil {
		return err
	}
	if len(returned) > 0 {
		v.Rows = append(v.Rows, nhsuk.SummaryListRow{Key: "Came back", Value: countText(len(returned))})
	}
	v.returned = returned
	sorts, err := db.Read(r.Context(), m.office.DB, func(read db.R) ([]mailing.SortCount, error) {
		return m.office.SentBySort(r.Context(), read, one.ID)
	})
	if err != nil {
		return err
	}
	v.Sorts = sortRows(sorts, "")
	v.Text = strings.Split(one.Text.Words, "\n\n")
	may, err := m.correctable(r, one)
	if err != nil {
		return err
	}
	switch {
	case may && v.MayStop:
		v.CorrectAt = frame.MailingsPage + "/" + one.ID + "/correct"
	case one.CorrectedBy != "":
		v.CorrectedAt = frame.MailingsPage + "/" + one.CorrectedBy
	}
	if err := m.letters(r, one, missed(one.LeftOut)+int64(len(v.returned)), v); err != nil {
		return err
	}
	return m.recipients(r, one, share, v)
}

// writerOf names the writer of a mail, and how they are reached.
func writerOf(m mailing.Mailing) string { return m.Writer + m.Text.Contact }

// againText says from when on those can get another mail who had one in the last day; empty where nobody had.
func againText(t mailing.Tally) string {
	if t.First.IsZero() {
		return ""
	}
	first, last := when.DateTime(t.First), when.DateTime(t.Last)
	if first == last {
		return "Those who had such a mail can get another after " + first + "."
	}
	return "The first of those who had such a mail can get another after " + first + ", the last after " + last + "."
}

// tallyRows show numbers that add up: those found, or chosen of them, are left out or get the mail.
func tallyRows(t mailing.Tally) []nhsuk.SummaryListRow {
	rows := []nhsuk.SummaryListRow{
		{Key: "State", Value: stateTexts[mailing.Prepared]}, {Key: "Found", Value: countText(int(t.Found))},
	}
	if t.Meant != t.Found {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Chosen", Value: countText(int(t.Meant))})
	}
	return append(rows, leftOutRow(t.Meant-t.Gets, t.LeftOut),
		nhsuk.SummaryListRow{Key: "Will get it", Value: countText(int(t.Gets))})
}

// leftOutRow says how many are left out, and how many of them for which reason.
func leftOutRow(all int64, by map[mailing.Reason]int64) nhsuk.SummaryListRow {
	var why []string
	for _, reason := range mailing.Reasons() {
		if n := by[reason]; n > 0 {
			why = append(why, fmt.Sprintf("%s: %d", reasonTexts[reason], n))
		}
	}
	return nhsuk.SummaryListRow{Key: "Left out", ValueHTML: page.Lines(countText(int(all)), why...)}
}

var reasonTexts = map[mailing.Reason]string{
	mailing.NotActive:    "Account not active",
	mailing.ForProgram:   "Account for a program",
	mailing.NoAddress:    "No email address",
	mailing.Bounces:      "Email to their address came back",
	mailing.TeamReads:    "Mailbox that several people read",
	mailing.Linked:       "Has linked the account already",
	mailing.OtherText:    "Have something else to do",
	mailing.ToldDone:     "Told already that they are done",
	mailing.Unsubscribed: "Want no reminders",
	mailing.HadOne:       "Had such a mail in the last 24 hours",
}

// progressRows show how far a mail has come, or that it waits for its first batch.
func progressRows(one mailing.Mailing, waits bool) []nhsuk.SummaryListRow {
	state := stateTexts[one.State]
	begun := "Begun"
	if waits {
		state = "Waiting to begin"
		begun = "Begins"
	}
	meant := "Found"
	if one.Selection.Chosen {
		meant = "Chosen"
	}
	rows := []nhsuk.SummaryListRow{
		{Key: "State", Value: state}, {Key: meant, Value: countText(int(one.Total))},
	}
	if !one.Begun.IsZero() && !one.StoppedFirst() {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Sent", Value: countText(int(one.Sent))},
			leftOutRow(one.Skipped, one.LeftOut),
			nhsuk.SummaryListRow{Key: begun, Value: when.DateTime(one.Starts)})
	}
	if missed := one.Total - one.Sent - one.Skipped; one.State == mailing.Stopped && missed > 0 {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Not sent, as it was stopped", Value: countText(int(missed))})
	}
	if !one.Ended.IsZero() {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Ended", Value: when.DateTime(one.Ended)})
	}
	if one.State == mailing.Stopped && one.EndedName != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Stopped by", ValueHTML: page.Name(one.EndedName)})
	}
	if one.EndedReason != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Why", Value: one.EndedReason})
	}
	return rows
}

// recipients shows who had a mail: to its writer all, to others those whom they look after.
func (m *Mailings) recipients(r *http.Request, one mailing.Mailing, share mailing.Share, v *oneView) error {
	within := frame.Reach(r, account.ManageUsers)
	if share == own {
		within = account.Reach{Everywhere: true}
	}
	list, err := db.Read(r.Context(), m.office.DB, func(read db.R) (page.List[mailing.Recipient], error) {
		return page.Read(r, onPage, func(skip, limit int) ([]mailing.Recipient, int, error) {
			return mailing.Recipients(r.Context(), read, one.ID, within, skip, limit)
		})
	})
	if err != nil {
		return err
	}
	v.Links = list.Links(frame.MailingsPage+"/"+one.ID, r)
	v.MailedHead = []string{"Username", "When"}
	back, err := m.cameBack(r, list.Items, v.returned)
	if err != nil {
		return err
	}
	for _, to := range list.Items {
		mailed := when.DateTime(to.Mailed)
		if back[to.AccountID] {
			mailed += ", and came back"
		}
		row := []nhsuk.TableCell{{Text: to.Username, Href: "/users/" + to.AccountID}, {Text: mailed}}
		if one.Text.Kind == mailing.Steps {
			row = append(row, nhsuk.TableCell{Text: m.office.Author.TitleOf(to.Sort)})
		}
		v.Mailed = append(v.Mailed, row)
	}
	if one.Text.Kind == mailing.Steps {
		v.MailedHead = append(v.MailedHead, "Text")
	}
	return nil
}

// cameBack gives the ids of those accounts among some that had a mail which was returned from the address that they
// have now.
func (m *Mailings) cameBack(
	r *http.Request, list []mailing.Recipient, returned []string,
) (map[string]bool, error) {
	back := map[string]bool{}
	if len(returned) == 0 {
		return back, nil
	}
	var ids []string
	for _, to := range list {
		ids = append(ids, to.AccountID)
	}
	accounts, err := db.Read(r.Context(), m.office.DB, func(read db.R) (map[string]account.Account, error) {
		return account.ByIDs(r.Context(), read, ids)
	})
	for id, a := range accounts {
		back[id] = slices.Contains(returned, a.EmailKey)
	}
	return back, err
}
