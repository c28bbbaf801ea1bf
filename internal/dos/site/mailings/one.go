package mailings

import (
	"fmt"
	"net/http"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/mailing"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
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
	return m.showOne(w, r, stopForm.New(r))
}

func (m *Mailings) showOne(w http.ResponseWriter, r *http.Request, stop *form.Rendered) error {
	one, share, err := m.read(r)
	if err != nil {
		return err
	}
	v := oneView{Subject: one.Text.Subject, Own: share == own, MayStop: share != mailing.Some, Writer: writerOf(one),
		Prepared: one.State == mailing.Prepared, Sending: one.State == mailing.Sending, Send: sendForm.New(r),
		Stop: stop.About(one.Text.Subject)}
	if v.Prepared {
		err = m.tally(r, one, &v)
	} else {
		v.Rows = progressRows(one)
		v.Text = strings.Split(one.Text.Words, "\n\n")
		err = m.recipients(r, one, share, &v)
	}
	if err != nil {
		return err
	}
	v.Page = m.frame.Page(w, r, title)
	v.Page.BackHref = frame.MailingsPage
	v.Page.Error = stop.HasProblems()
	return web.Show(w, r, stop.Status(), onePage(v))
}

// writerOf names the writer of a mail, and how they are reached.
func writerOf(m mailing.Mailing) string { return m.Writer + m.Text.Contact }

// tally shows to how many a mail would go, and how it looks to the first of them.
func (m *Mailings) tally(r *http.Request, one mailing.Mailing, v *oneView) error {
	t, err := m.office.Tally(r.Context(), one)
	if err != nil {
		return err
	}
	v.Rows = tallyRows(t)
	v.Nobody = t.Gets == 0
	v.ExampleTo = t.Example.To
	v.Example = strings.Split(strings.TrimSpace(t.Example.Text), "\n\n")
	return nil
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
	mailing.NotActive:  "Account not active",
	mailing.ForProgram: "Account for a program",
	mailing.NoAddress:  "No email address",
	mailing.TeamReads:  "Mailbox that several people read",
	mailing.Linked:     "Has linked the account already",
	mailing.HadOne:     "Had such a mail in the last 24 hours",
}

// progressRows show how far a mail has come.
func progressRows(one mailing.Mailing) []nhsuk.SummaryListRow {
	meant := "Found"
	if one.Selection.Chosen {
		meant = "Chosen"
	}
	rows := []nhsuk.SummaryListRow{
		{Key: "State", Value: stateTexts[one.State]}, {Key: meant, Value: countText(int(one.Total))},
	}
	if !one.Begun.IsZero() {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Sent", Value: countText(int(one.Sent))},
			leftOutRow(one.Skipped, one.LeftOut),
			nhsuk.SummaryListRow{Key: "Begun", Value: when.DateTime(one.Begun)})
	}
	if missed := one.Total - one.Sent - one.Skipped; one.State == mailing.Stopped && missed > 0 {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Not sent, as it was stopped", Value: countText(int(missed))})
	}
	if !one.Ended.IsZero() {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Ended", Value: when.DateTime(one.Ended)})
	}
	if one.EndedReason != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Stopped by", ValueHTML: page.Name(one.EndedName)},
			nhsuk.SummaryListRow{Key: "Why", Value: one.EndedReason})
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
	for _, to := range list.Items {
		v.Mailed = append(v.Mailed, []nhsuk.TableCell{
			{Text: to.Username, Href: "/users/" + to.AccountID}, {Text: when.DateTime(to.Mailed)},
		})
	}
	return nil
}
