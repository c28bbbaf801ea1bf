package webauthn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	fido "github.com/go-webauthn/webauthn/metadata"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/metadata"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// judgement is the level of a credential, and why it is lower than its kind can have.
type judgement struct {
	level  authn.Level
	why    authn.Why
	device string // that is managed and holds it; empty where that is not known
}

// judge says which level a credential has that was bound at a time, by what is published about its model now.
func (p *Party) judge(
	ctx context.Context, r db.R, kind authn.Kind, c *webauthn.Credential, bound time.Time,
) (j judgement, err error) {
	b := authn.Binding{UserVerified: c.Flags.UserVerified, DeviceBound: !mayBeCopied(c)}
	model, err := metadata.Of(ctx, r, modelOf(*c))
	if err != nil && !errors.Is(err, fault.NotFound) {
		return j, err
	}
	if err == nil {
		attested, err := isOf(ctx, model, c, bound)
		if err != nil {
			return j, err
		}
		if attested {
			b.Format = c.AttestationFormat
			b.Certified = model.Certified(r.Now())
		}
	}
	if kind.Declared().Attestation.Managed {
		if j.device, b.Managed = p.managed.deviceOf(c, bound); b.Managed {
			b.Format = c.AttestationFormat
		}
	}
	j.level, j.why = authn.LevelOf(kind, b)
	return j, nil
}

// mayBeCopied reports whether a credential may be on other devices too, as it says itself or the chip that it is in.
func mayBeCopied(c *webauthn.Credential) bool {
	if c.Flags.BackupEligible || protocol.AttestationFormat(c.AttestationFormat) != protocol.AttestationFormatTPM {
		return c.Flags.BackupEligible
	}
	o, err := attestationOf(c)
	return err != nil || mayLeaveChip(o)
}

// byCertificate are the sorts of attestation in which a certificate of the maker speaks for the credential. In the
// others it speaks for itself, or nothing does.
var byCertificate = []fido.AuthenticatorAttestationType{fido.BasicFull, fido.AttCA, fido.AnonCA}

// isOf reports whether the attestation of a credential that was bound at a time proves that it is of a model. Its
// signature was checked when it was bound, and its certificates count as of then: they may end long before the key.
func isOf(ctx context.Context, m metadata.Model, c *webauthn.Credential, bound time.Time) (bool, error) {
	if !slices.Contains(byCertificate, fido.AuthenticatorAttestationType(c.AttestationType)) {
		return false, nil
	}
	provider, err := m.Provider()
	if err != nil {
		return false, err
	}
	o, err := attestationOf(c)
	return err == nil && fits(ctx, provider, c, o) && leads(m, o, bound), nil
}

// fits reports whether an attestation is that of a credential, and both are as is published of the model.
func fits(
	ctx context.Context, published fido.Provider, c *webauthn.Credential, o protocol.AttestationObject,
) bool {
	attested := o.AuthData.AttData
	return o.Format == c.AttestationFormat && bytes.Equal(attested.CredentialPublicKey, c.PublicKey) &&
		protocol.ValidateMetadataWithAuthenticatorData(
			ctx, published, [16]byte(attested.AAGUID), c.AttestationType, o.Format, nil, &o.AuthData) == nil
}

// leads reports whether an attestation led to a root of the model's maker at a time.
func leads(m metadata.Model, o protocol.AttestationObject, at time.Time) bool {
	chain, err := chainOf(o)
	return err == nil && m.LeadTo(chain, at)
}

// modelOf gives the AAGUID that a credential says its authenticator has, as RFC 9562 writes it; empty for none.
func modelOf(c webauthn.Credential) string {
	n := c.Authenticator.AAGUID
	if len(n) != 16 || [16]byte(n) == [16]byte{} {
		return ""
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", n[:4], n[4:6], n[6:8], n[8:10], n[10:])
}

const judgeChunk = 200 // credentials in one Update

// JudgeAgain judges the credentials of all models of which something else is known than before, and counts those whose
// level is another now.
func (p *Party) JudgeAgain(ctx context.Context, d *db.DB, by actor.Actor) (changed int, err error) {
	if changed, err = p.judgeManaged(ctx, d, by); err != nil {
		return changed, err
	}
	due, err := db.Read(ctx, d, func(r db.R) ([]metadata.Verdict, error) { return metadata.Due(ctx, r, r.Now()) })
	if err != nil {
		return changed, err
	}
	for _, v := range due {
		n, err := p.judgeModel(ctx, d, by, v)
		changed += n
		if err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// judgeModel judges all credentials of a model, and then notes that it did.
func (p *Party) judgeModel(ctx context.Context, d *db.DB, by actor.Actor, v metadata.Verdict) (changed int, err error) {
	last := ""
	for {
		part, err := db.Write(ctx, d, by, func(w *db.W) (part judgedPart, err error) {
			return p.judgeSome(ctx, w, v, last)
		})
		changed += part.changed
		if err != nil || part.last == "" {
			return changed, err
		}
		last = part.last
	}
}

// judgedPart is what one Update judged.
type judgedPart struct {
	last    string // the id of the last authenticator; empty where there are no more
	changed int
}

const credentialsOfModel = `SELECT c.authenticator_id, c.uuid, c.record, c.sign_count FROM authenticator a
	JOIN webauthn_credential c ON c.authenticator_id = a.id WHERE a.model = $1 AND a.id > $2 ORDER BY a.id LIMIT $3`

func (p *Party) judgeSome(ctx context.Context, w *db.W, v metadata.Verdict, last string) (part judgedPart, err error) {
	list, err := db.All(ctx, w, scanCredential, credentialsOfModel, v.AAGUID, last, judgeChunk)
	if err != nil {
		return part, fmt.Errorf("list credentials of %s: %w", v.AAGUID, err)
	}
	if len(list) == 0 {
		return part, metadata.Judged(ctx, w, v)
	}
	return p.judgeEach(ctx, w, list, newlyKnown)
}

func (p *Party) judgeEach(
	ctx context.Context, w *db.W, list []credentialRow, reason string,
) (part judgedPart, err error) {
	for _, c := range list {
		changed, err := p.judgeOne(ctx, w, c, reason)
		if err != nil {
			return part, err
		}
		if changed {
			part.changed++
		}
		part.last = c.authenticatorID
	}
	return part, nil
}

// newlyKnown is the reason in events.
const newlyKnown = "something else is published about its model"

func (p *Party) judgeOne(
	ctx context.Context, w *db.W, c credentialRow, reason string,
) (changed bool, err error) {
	a, err := authenticator.ByID(ctx, w, c.authenticatorID)
	if err != nil || a.Status == authenticator.Removed {
		return false, err
	}
	j, err := p.judgeBound(ctx, w, a, c)
	if err != nil {
		return false, err
	}
	changed, err = authenticator.SetLevel(ctx, w, a.ID, j.level, j.why, reason)
	if err != nil || !changed {
		return false, err
	}
	return true, w.ChangeSoon(ctx, updateDevice, a.ID, j.device)
}
