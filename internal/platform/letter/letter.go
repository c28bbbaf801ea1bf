// Package letter writes letters on A4 as one PDF, to be folded in three and put into envelopes with a window (DL).
//
// It does not know what a letter is about. A PDF is for paper: whoever reads on a screen has the page or the mail.
package letter

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansbold"
	"golang.org/x/image/font/sfnt"

	"signpost/internal/platform/web/qr"
)

// Letter is one letter.
type Letter struct {
	To         []string // whom it goes to, line by line: the first MaxLines stand in the window
	Date       string
	Heading    string
	Paragraphs []string
	Code       string // address to which a QR code leads; empty for none
	CodeText   string // what stands beside it
}

// MaxLines is how many lines of an address stand in the window of an envelope.
const MaxLines = 5

// Sizes in millimetres, on paper of 210 by 297. The address stands where the window of a DL envelope shows it, however
// the sheet has slipped in it: 22 to 100 from the left, and 57 to 81 from the top (BS 4264).
const (
	marginLeft   = 22
	marginTop    = 20
	marginBottom = 22
	addressTop   = 57
	textTop      = 99 // below the first fold
	lineHeight   = 5.4
	addressLine  = 4.6
	textWidth    = 166
	addressWidth = 78
	codeSize     = 34
	footTop      = 283
)

// Sizes of letters in points.
const (
	textSize    = 11
	headingSize = 14
	addressSize = 10
	footSize    = 8
)

const family = "letter"

// paper is the PDF that is written, with the font by which it is known what can be printed.
type paper struct {
	*fpdf.Fpdf

	font *sfnt.Font
}

// Write writes letters, each on a sheet of its own, or on several with the number of the page at their feet.
func Write(w io.Writer, letters []Letter, now time.Time) error {
	font, err := sfnt.Parse(dejavusans.TTF)
	if err != nil {
		return fmt.Errorf("read font of letters: %w", err)
	}
	p := paper{fpdf.New("P", "mm", "A4", ""), font}
	p.SetCreationDate(now)
	p.SetModificationDate(now)
	p.SetCatalogSort(true)
	p.SetLang("en-GB")
	p.SetTitle("Letters", true)
	p.SetMargins(marginLeft, marginTop, marginLeft)
	p.AddUTF8FontFromBytes(family, "", dejavusans.TTF)
	p.AddUTF8FontFromBytes(family, "B", dejavusansbold.TTF)
	for _, l := range letters {
		if err := p.write(l); err != nil {
			return err
		}
	}
	if err := p.Output(w); err != nil {
		return fmt.Errorf("write letters: %w", err)
	}
	return nil
}

func (p paper) write(l Letter) error {
	p.SetAutoPageBreak(true, marginBottom)
	p.AddPage()
	first := p.PageNo()
	p.writeAddress(l.To)
	p.SetXY(marginLeft, textTop)
	p.text("", textSize, l.Date)
	p.text("B", headingSize, l.Heading)
	for _, paragraph := range l.Paragraphs {
		p.text("", textSize, paragraph)
	}
	if err := p.writeCode(l); err != nil {
		return err
	}
	p.number(first)
	return nil
}

func (p paper) writeAddress(lines []string) {
	p.SetFont(family, "", addressSize)
	for i, line := range lines[:min(len(lines), MaxLines)] {
		p.SetXY(marginLeft, addressTop+addressLine*float64(i))
		p.CellFormat(addressWidth, addressLine, p.cut(line), "", 0, "L", false, 0, "")
	}
}

// cut leaves as much of a line as the window shows.
func (p paper) cut(line string) string {
	line = p.printable(line)
	for p.GetStringWidth(line) > addressWidth-2*p.GetCellMargin() {
		_, size := utf8.DecodeLastRuneInString(line)
		line = line[:len(line)-size]
	}
	return line
}

func (p paper) text(style string, size float64, words string) {
	p.SetFont(family, style, size)
	p.MultiCell(textWidth, lineHeight, p.printable(words), "", "L", false)
	p.Ln(lineHeight / 2)
}

// writeCode draws the QR code with the words beside it, all on one page.
func (p paper) writeCode(l Letter) error {
	if l.Code == "" {
		return nil
	}
	dark, size, err := qr.Squares(l.Code)
	if err != nil {
		return err
	}
	if _, height := p.GetPageSize(); p.GetY()+codeSize > height-marginBottom {
		p.AddPage()
	}
	top := p.GetY()
	unit := codeSize / float64(size)
	for _, s := range dark {
		p.Rect(marginLeft+unit*float64(s.X), top+unit*float64(s.Y), unit, unit, "F")
	}
	const beside = marginLeft + codeSize + 4
	p.SetFont(family, "", textSize)
	p.SetXY(beside, top+codeSize/4)
	p.MultiCell(textWidth-codeSize-4, lineHeight, p.printable(l.CodeText), "", "L", false)
	return nil
}

// number writes the numbers of the pages of a letter that has several, from its first to the one that is open.
func (p paper) number(first int) {
	last := p.PageNo()
	if first == last {
		return
	}
	p.SetAutoPageBreak(false, 0)
	for page := first; page <= last; page++ {
		p.SetPage(page)
		p.SetFont(family, "", footSize)
		p.SetXY(marginLeft, footTop)
		p.CellFormat(textWidth, lineHeight, fmt.Sprintf("Page %d of %d", page-first+1, last-first+1), "", 0, "R", false,
			0, "")
	}
}

// printable leaves the signs that the font has. For others, such as a picture in a name, stands a square; what only
// steers the direction of text is taken out.
func (p paper) printable(text string) string {
	var buffer sfnt.Buffer
	return strings.Map(func(c rune) rune {
		if c == '\n' {
			return c
		}
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) {
			return -1
		}
		index, err := p.font.GlyphIndex(&buffer, c)
		if err != nil || index == 0 || c > maxRune {
			return missing
		}
		return c
	}, text)
}

const (
	maxRune = 0xFFFF // as far as the PDF library goes
	missing = '□'
)
