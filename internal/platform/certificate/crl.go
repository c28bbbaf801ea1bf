package certificate

import (
	"bytes"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// fetchList fetches a list of revoked certificates (RFC 5280 §5).
func (o *Online) fetchList(ctx context.Context, address string, c, issuer *x509.Certificate) (s statement, err error) {
	der, err := o.Fetch.Bytes(ctx, address, http.Header{"Accept": {"application/pkix-crl, */*"}})
	if err != nil {
		return s, err
	}
	list, err := ParseList(der)
	if err != nil {
		return s, err
	}
	if err := list.CheckSignatureFrom(issuer); err != nil {
		return s, fmt.Errorf("check list: %w", err)
	}
	if err := covers(list, address, c); err != nil {
		return s, err
	}
	return saidBy(list), nil
}

// ParseList reads a list of revoked certificates, in DER or in PEM.
func ParseList(data []byte) (*x509.RevocationList, error) {
	if block, _ := pem.Decode(data); block != nil {
		data = block.Bytes
	}
	list, err := x509.ParseRevocationList(data)
	if err != nil {
		return nil, fmt.Errorf("read list: %w", err)
	}
	return list, nil
}

// listAtHand finds the newest list of an authority among those that are there already.
func (o *Online) listAtHand(issuer *x509.Certificate) (s statement, err error) {
	lists, err := o.Lists()
	if err != nil {
		return s, err
	}
	err = errors.New("no list of its authority is at hand")
	for _, list := range lists {
		if !bytes.Equal(list.RawIssuer, issuer.RawSubject) || list.CheckSignatureFrom(issuer) != nil ||
			partial(list) != nil || list.ThisUpdate.Before(s.made) {
			continue
		}
		s = saidBy(list)
		err = nil
	}
	return s, err
}

// saidBy gives what a list says.
func saidBy(list *x509.RevocationList) statement {
	numbers := map[string]bool{}
	for _, entry := range list.RevokedCertificateEntries {
		numbers[entry.SerialNumber.String()] = true
	}
	s := statement{made: list.ThisUpdate, until: list.NextUpdate}
	if s.until.IsZero() {
		s.until = s.made.Add(usualAge)
	}
	s.revoked = func(c *x509.Certificate) bool { return numbers[c.SerialNumber.String()] }
	return s
}

// The extensions of a list that say that it is not about all certificates of its authority (RFC 5280 §5.2).
var (
	issuingPoint = asn1.ObjectIdentifier{2, 5, 29, 28}
	deltaOf      = asn1.ObjectIdentifier{2, 5, 29, 27}
)

// pointOfIssue is the extension that says which certificates a list is about.
type pointOfIssue struct {
	Point           asn1.RawValue  `asn1:"optional,tag:0"`
	OnlyUsers       bool           `asn1:"optional,tag:1"`
	OnlyAuthorities bool           `asn1:"optional,tag:2"`
	OnlyReasons     asn1.BitString `asn1:"optional,tag:3"`
	Indirect        bool           `asn1:"optional,tag:4"`
	OnlyAttributes  bool           `asn1:"optional,tag:5"`
}

// covers reports whether a list that was fetched from an address is about a certificate. Whoever stands between could
// hand out another list of the same authority, in which it is not.
func covers(list *x509.RevocationList, address string, c *x509.Certificate) error {
	point, is, err := issued(list)
	if err != nil || !is {
		return err
	}
	switch {
	case point.Indirect, point.OnlyAttributes, point.OnlyReasons.BitLength > 0:
		return errors.New("the list is about something else, or some reasons alone")
	case point.OnlyAuthorities && !c.IsCA, point.OnlyUsers && c.IsCA:
		return errors.New("the list is about other certificates")
	case len(point.Point.Bytes) > 0 && !strings.Contains(string(point.Point.Bytes), address):
		return errors.New("the list belongs to another address")
	}
	return nil
}

// partial reports whether a list says that it is not about all certificates of its authority.
func partial(list *x509.RevocationList) error {
	_, is, err := issued(list)
	if err == nil && is {
		err = errors.New("the list is not about all certificates")
	}
	return err
}

// issued reads the extension of a list that says which certificates it is about, if there is one, and refuses a list
// with another extension without which it cannot be understood.
func issued(list *x509.RevocationList) (point pointOfIssue, is bool, err error) {
	for _, e := range list.Extensions {
		switch {
		case e.Id.Equal(issuingPoint):
			rest, err := asn1.Unmarshal(e.Value, &point)
			if err != nil || len(rest) > 0 {
				return point, true, fmt.Errorf("read what the list is about: %w", errors.Join(err, errTrailing(rest)))
			}
			is = true
		case e.Id.Equal(deltaOf), e.Critical:
			return point, false, fmt.Errorf("the list has the extension %s, which is not understood", e.Id)
		}
	}
	if slices.ContainsFunc(list.RevokedCertificateEntries, func(r x509.RevocationListEntry) bool {
		return slices.ContainsFunc(r.Extensions, func(e pkix.Extension) bool { return e.Critical })
	}) {
		return point, is, errors.New("an entry of the list has an extension that is not understood")
	}
	return point, is, nil
}

func errTrailing(rest []byte) error {
	if len(rest) == 0 {
		return nil
	}
	return errors.New("something follows it")
}
