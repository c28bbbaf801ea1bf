package certificate

import (
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"net/netip"
	"strings"

	"signpost/internal/platform/peer"
)

// The headers in which a proxy that ends TLS hands on the certificate of its client, and those that came with it
// (RFC 9440).
const (
	leafHeader  = "Client-Cert"
	chainHeader = "Client-Cert-Chain"
)

// Bounds on what a proxy hands on.
const (
	maxChain     = 8
	maxEachBytes = 16 << 10
)

// Shown gives the certificates that whoever made a request showed in TLS: those of the connection, or, where the
// connection comes from a proxy that is named, those that it hands on. What others write in those headers is nothing,
// and so is a certificate by which a named proxy shows who it is itself. The error is a ProblemError; nobody who shows
// none is refused here.
func Shown(r *http.Request, proxies []netip.Prefix) ([]*x509.Certificate, error) {
	if peer.From(r, proxies) {
		return handedOn(r.Header)
	}
	if r.TLS == nil {
		return nil, nil
	}
	return r.TLS.PeerCertificates, nil
}

// handedOn reads the headers of RFC 9440.
func handedOn(h http.Header) (list []*x509.Certificate, err error) {
	leaves := h.Values(leafHeader)
	if len(leaves) == 0 {
		return nil, nil
	}
	if len(leaves) > 1 { // one that a client wrote may have come through
		return nil, refuse(Unreadable, "the proxy hands on %d certificates in Client-Cert", len(leaves))
	}
	texts := []string{leaves[0]}
	for _, line := range h.Values(chainHeader) {
		texts = append(texts, strings.Split(line, ",")...)
	}
	if len(texts) > maxChain {
		return nil, refuse(Unreadable, "the proxy hands on a chain of %d", len(texts))
	}
	for _, text := range texts {
		c, err := binary(strings.TrimSpace(text))
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// binary reads a certificate from a byte sequence of structured fields: base64 between colons (RFC 9651 §3.3.5).
func binary(text string) (*x509.Certificate, error) {
	inner, begins := strings.CutPrefix(text, ":")
	inner, ends := strings.CutSuffix(inner, ":")
	if !begins || !ends || len(inner) > maxEachBytes {
		return nil, refuse(Unreadable, "the proxy hands on what is no byte sequence")
	}
	der, err := base64.StdEncoding.DecodeString(inner)
	if err != nil {
		return nil, refuse(Unreadable, "the proxy hands on: %w", err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, refuse(Unreadable, "the proxy hands on: %w", err)
	}
	return c, nil
}
