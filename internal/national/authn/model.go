package authn

// Model is the make of an authenticator, as its AAGUID names it.
type Model struct {
	AAGUID string `json:"aaguid,omitempty"` // as RFC 9562 writes it; empty where it names none
	Proven bool   `json:"proven,omitempty"` // an attestation proves it; else it is but what the authenticator says
}

// ModelAttested reports whether the maker's attestation can prove the model of an authenticator of this kind. That of a
// device which an organisation manages says who manages it instead.
func (k Kind) ModelAttested() bool {
	attested := k.Declared().Attestation
	return len(attested.Formats) > 0 && !attested.Managed
}

// ModelOf gives the model of an authenticator of a kind, by the AAGUID that it names and why its level is lower than
// its kind can have.
func ModelOf(k Kind, aaguid string, why Why) Model {
	return Model{AAGUID: aaguid, Proven: k.ModelAttested() && aaguid != "" && (why == "" || why == NotCertified)}
}
