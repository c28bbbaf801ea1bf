package detail

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/when"
)

// NINumber is a National Insurance number, in capitals and without spaces.
type NINumber string

// The form of a number, and the beginnings that are not given out (HMRC, NIM39110).
var (
	niForm     = regexp.MustCompile(`^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]$`)
	niNotGiven = []string{"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}
)

// ParseNI reads a National Insurance number as people write it.
func ParseNI(typed string) (NINumber, error) {
	plain := strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(typed))
	if !niForm.MatchString(plain) {
		return "", errNI
	}
	for _, beginning := range niNotGiven {
		if strings.HasPrefix(plain, beginning) {
			return "", errNI
		}
	}
	return NINumber(plain), nil
}

var errNI = fault.OfField("ni_number",
	"Enter a National Insurance number: 2 letters, 6 numbers, then A, B, C or D, such as ‘AB 12 34 56 C’")

// Text writes the number in groups, as on letters.
func (n NINumber) Text() string {
	if len(n) != len("AB123456C") {
		return string(n)
	}
	return string(n[:2] + " " + n[2:4] + " " + n[4:6] + " " + n[6:8] + " " + n[8:])
}

func (n NINumber) ending() string {
	if n == "" {
		return ""
	}
	return string(n[len(n)-1:])
}

// BirthDate is a date as 1980-12-31; empty where it is not known.
type BirthDate string

const (
	dateForm   = "2006-01-02"
	notKnown   = "1900-01-01" // what the earlier system wrote where nobody knew
	minAge     = 14           // years, of somebody who works for the NHS
	maxAge     = 110
	birthField = "birth_date"
)

// ParseBirthDate reads a birth date as people write it: day, month and year, all in numbers.
func ParseBirthDate(typed string, now time.Time) (BirthDate, error) {
	parts := strings.FieldsFunc(typed, func(c rune) bool { return c < '0' || c > '9' })
	if len(parts) != len("dmy") {
		return "", errBirthDate
	}
	at, err := time.Parse("2/1/2006", strings.Join(parts, "/"))
	if err != nil {
		return "", errBirthDate
	}
	year, month, day := at.Date()
	date := BirthDate(fmt.Sprintf("%04d-%02d-%02d", year, month, day))
	switch {
	case date == notKnown:
		return "", nil
	case at.AddDate(minAge, 0, 0).After(now), at.AddDate(maxAge, 0, 0).Before(now):
		return "", fault.OfField(birthField,
			fmt.Sprintf("Enter the birth date of somebody from %d to %d years old", minAge, maxAge))
	}
	return date, nil
}

var errBirthDate = fault.OfField(birthField, "Enter a day, a month and a year that there are, such as 31 3 1980")

// Text writes the date for a page.
func (b BirthDate) Text() string {
	at, err := time.Parse(dateForm, string(b))
	if err != nil {
		return "Not known"
	}
	return when.Date(at.Add(12 * time.Hour)) // noon is the same day in London
}

// Typed writes the date as people type it.
func (b BirthDate) Typed() string {
	at, err := time.Parse(dateForm, string(b))
	if err != nil {
		return ""
	}
	year, month, day := at.Date()
	return fmt.Sprintf("%d %d %d", day, month, year)
}

var mobileForm = regexp.MustCompile(`^\+[1-9][0-9]{7,14}$`)

// ParseMobile reads a mobile number as people write it, into the international form. A British one may begin with 07.
func ParseMobile(typed string) (string, error) {
	plain := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", "\u00a0", "").Replace(typed)
	if plain == "" {
		return "", nil
	}
	if rest, isBritish := strings.CutPrefix(plain, "07"); isBritish {
		plain = "+447" + rest
	}
	british := strings.HasPrefix(plain, "+447") && len(plain) != len("+447700900123")
	if !mobileForm.MatchString(plain) || british {
		return "", fault.OfField("mobile", "Enter a mobile number, such as 07700 900 123 or +33 6 12 34 56 78")
	}
	return plain, nil
}
