package received_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"signpost/internal/platform/mail/received"
)

func read(t *testing.T, raw string) received.Mail {
	t.Helper()
	l, err := received.Read([]byte(strings.ReplaceAll(raw, "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

const head = "From: =?utf-8?Q?Si=C3=A2n_Example?= <sian@example.nhs.uk>\nTo: desk@dos.example\n" +
	"Message-ID: <one@example>\nDate: Mon, 30 Nov 2026 09:00:00 +0000\nSubject: =?iso-8859-1?Q?Caf=E9?= door\n"

func TestWhatIsRead(t *testing.T) {
	for _, tt := range []struct{ name, part, want string }{
		{"plain", "\nI cannot log in.\n", "I cannot log in."},
		{"HTML alone", "Content-Type: text/html; charset=utf-8\n\n<head><title>x</title><style>p{}</style></head>" +
			"<p>I <b>cannot</b> log&nbsp;in.</p><script>alert(1)</script><p>Help</p>", "I cannot log in.\n\nHelp"},
		{"Windows-1252", "Content-Type: text/plain; charset=windows-1252\n\n\x93No\x94 caf\xe9", "“No” café"},
		{"wrong charset", "Content-Type: text/plain; charset=utf-8\n\ncaf\xe9", "café"},
		{"charset there is not", "Content-Type: text/plain; charset=x-none\n\ncafé", "café"},
		{"UTF-7 is no charset", "Content-Type: text/plain; charset=utf-7\n\n+ADw-b+AD4-", "+ADw-b+AD4-"},
		{"UTF-16", "Content-Type: text/plain; charset=utf-16le\n\nh\x00i\x00", "hi"},
		{"quoted-printable", "Content-Transfer-Encoding: quoted-printable\n\ncaf=C3=A9 =\nau lait", "café au lait"},
		{"base64 that breaks off", "Content-Transfer-Encoding: base64\n\naGVsbG8gd29ybGQ=\n!!!", "hello world"},
		{"alternatives", "Content-Type: multipart/alternative; boundary=b\n\n" +
			"--b\nContent-Type: text/html\n\n<p>rich</p>\n--b\nContent-Type: text/plain\n\nplain\n--b--\n", "plain"},
		{"empty plain text", "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n \n" +
			"--b\nContent-Type: text/html\n\n<p>rich</p>\n--b--\n", "rich"},
		{"not seen", "\na\x00b\x1b[31m\u202ec\u200b\n\n\n\n\nd", "ab[31mc\n\nd"},
		{"no type", "Content-Type: ;;;\n\nplain", "plain"},
		{"no boundary", "Content-Type: multipart/mixed\n\nplain", ""},
	} {
		if got := read(t, head+tt.part); got.Text != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got.Text, tt.want)
		}
	}
	l := read(t, head+"References: <a@x> <b@x>\nIn-Reply-To: <b@x>\n\ntext")
	if l.From != "sian@example.nhs.uk" || l.Name != "Siân Example" || l.Subject != "Café door" ||
		l.ID != "one@example" || strings.Join(l.Answers, " ") != "a@x b@x b@x" || l.Automatic {
		t.Errorf("%+v", l)
	}
}

func TestHeadersAreOneLine(t *testing.T) {
	l := read(t, "From: =?utf-8?Q?A=0D=0ABcc=3A_b?= <a@example.nhs.uk>\nSubject: =?utf-8?Q?x=0D=0ABcc:_victim=40example?=\n"+
		" folded\n\ntext")
	if strings.ContainsAny(l.Subject+l.Name, "\r\n") || l.Subject != "x Bcc: victim@example folded" {
		t.Errorf("%q %q", l.Subject, l.Name)
	}
}

func TestFiles(t *testing.T) {
	picture := base64.StdEncoding.EncodeToString([]byte("\x89PNG\r\n\x1a\n"))
	l := read(t, head+"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/related; boundary=c\n\n"+
		"--c\nContent-Type: text/html\n\n<p>See</p><img src=cid:1>\n--c\nContent-Type: image/png\nContent-ID: <1>\n"+
		"Content-Transfer-Encoding: base64\n\n"+picture+"\n--c--\n--b\nContent-Type: text/plain; name=\"../../x.html\"\n"+
		"Content-Disposition: attachment; filename=\"../../x.html\"\n\n<script>\n--b\n"+
		"Content-Disposition: attachment; filename*=utf-8''caf%C3%A9.pdf\nContent-Type: application/pdf\n\n%PDF-1.7\n--b--\n")
	if l.Text != "See" || len(l.Files) != 3 {
		t.Fatalf("%q %d files", l.Text, len(l.Files))
	}
	if f := l.Files[0]; f.Name != "image.png" || !f.Inline || string(f.Content) != "\x89PNG\r\n\x1a\n" {
		t.Errorf("%+v", f)
	}
	if f := l.Files[1]; f.Name != "../../x.html" || f.Inline {
		t.Errorf("%+v", f)
	}
	if l.Files[2].Name != "café.pdf" {
		t.Errorf("%+v", l.Files[2])
	}
}

func TestWhatProgramsSend(t *testing.T) {
	for _, line := range []string{
		"Auto-Submitted: auto-replied\n", "Auto-Submitted: auto-generated; x=y\n", "Precedence: bulk\n",
		"Precedence: Auto_Reply\n", "List-Id: <l.example>\n", "X-Autoreply: yes\n",
		"Content-Type: multipart/report; boundary=b\n",
	} {
		if !read(t, head+line+"\ntext").Automatic {
			t.Errorf("%q is taken for a person's", line)
		}
	}
	if !read(t, "From: MAILER-DAEMON@example.nhs.uk\n\ntext").Automatic {
		t.Error("the mailer daemon is taken for a person")
	}
	if read(t, head+"Auto-Submitted: no\n\ntext").Automatic {
		t.Error("a person is taken for a program")
	}
}

func TestReports(t *testing.T) {
	of := func(action, status string) received.Report {
		return read(t, "From: MAILER-DAEMON@mx\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"+
			"--b\n\nIt failed.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"+
			"Final-Recipient: rfc822; a@b\nAction: "+action+"\nStatus: "+status+
			"\nDiagnostic-Code: smtp; 550 no\n such user\n\n"+
			"--b\nContent-Type: message/rfc822\n\nFrom: x\n\nsecret\n--b--\n").Report
	}
	if r := of("failed", "5.1.1"); !r.ForGood() || r.Diagnosis != "smtp; 550 no such user" {
		t.Errorf("%+v", r)
	}
	if r := of("Failed", "4.4.7"); r.ForGood() || !r.Failed() {
		t.Errorf("%+v", r)
	}
	if r := of("delayed", "4.2.2"); r.Failed() || !r.Found() {
		t.Errorf("%+v", r)
	}
}

func TestAnswersAreCutFromWhatTheyQuote(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"Gmail", "It works.\n\nOn Mon, 30 Nov 2026 at 09:00, Desk <desk@x>\nwrote:\n\n> Hello\n> there", "It works."},
		{"Outlook", "Thanks\n\n________________________________\nFrom: Desk\nSent: Monday\nTo: Bo\nSubject: x\n\nHello", "Thanks"},
		{"Outlook without a line", "Thanks\n\nFrom: Desk\nSent: Monday\nTo: Bo\nSubject: x\n\nHello", "Thanks"},
		{"old Outlook", "Yes\n-----Original Message-----\nFrom: Desk\n\nHello", "Yes"},
		{"our own line", "Yes\n" + received.AnswerAbove + "\nThe desk writes", "Yes"},
		{"below", "On Monday, Desk wrote:\n> Does it work?\n\nNo, it does not.", "No, it does not."},
		{"between", "> Card?\nYes\n> Reader?\nNo\n> Bye", "> Card?\nYes\n> Reader?\nNo"},
		{"nothing but a quote", "> Hello\n> there", "> Hello\n> there"},
		{"a word that looks so", "From: the ward, I cannot log in\nplease help", "From: the ward, I cannot log in\nplease help"},
	} {
		l := received.Mail{Text: tt.text}
		if got := l.Answer(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// What is made to cost much costs little, and is refused or cut.
func TestBombs(t *testing.T) {
	nested := strings.Builder{}
	for n := range 2000 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", n, n)
	}
	for name, raw := range map[string]string{
		"nested": head + nested.String() + "\ntext",
		"parts":  head + "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 50_000) + "--b--\n",
		"quotes": head + "\n" + strings.Repeat(">\n", 250_000) + "x",
		"tags":   head + "Content-Type: text/html\n\n" + strings.Repeat("<blockquote><div>", 30_000) + "x",
		"line":   head + "\n" + strings.Repeat("x", 5<<20),
		"from":   head + "\n" + strings.Repeat("On Monday ", 50_000),
	} {
		began := time.Now()
		l := read(t, raw)
		l.Answer()
		if took := time.Since(began); took > 2*time.Second || len(l.Text) > 1<<20 {
			t.Errorf("%s: %s, %d bytes", name, took, len(l.Text))
		}
	}
	many := strings.Repeat("X-Y: zzzzzzzzzzzzzzzz\n", 10_000)
	if _, err := received.Read([]byte(head + many + "\ntext")); !errors.Is(err, received.ErrUnreadable) {
		t.Errorf("10,000 headers: %v", err)
	}
	for _, raw := range []string{"", "\n", "no header", "To: x\n\ntext", "From: \n\ntext", "From: a@b, c@d\n\ntext"} {
		if _, err := received.Read([]byte(raw)); !errors.Is(err, received.ErrUnreadable) {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

func TestACopiedMessageIDIsNotTheSameMail(t *testing.T) {
	one := read(t, head+"\ntext")
	if again := read(t, head+"\ntext"); one.Digest() != again.Digest() {
		t.Error("one mail has two digests")
	}
	if other := read(t, head+"\nother"); one.Digest() == other.Digest() {
		t.Error("two mails have one digest")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(head + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := received.Read(raw)
		if err == nil && (strings.ContainsRune(l.Text, 0) || strings.ContainsAny(l.Subject, "\r\n")) {
			t.Errorf("%q %q", l.Text, l.Subject)
		}
		l.Answer()
	})
}
