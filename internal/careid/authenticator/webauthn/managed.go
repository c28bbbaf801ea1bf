package webauthn

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	fido "github.com/go-webauthn/webauthn/metadata"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/webauthn"

	"signpost/internal/careid/authenticator"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
)

// managedDevices tells by their attestation which devices an organisation manages. Its management gives each device a
// certificate, with which the device attests the credentials that it makes for us.
type managedDevices struct {
	roots  *x509.CertPool // of the managements that the operator names; nil for none
	judged *atomic.Bool   // since the program started, which reads the roots
}

// deviceOf names the device in which a credential was made at a time, if its attestation says that it is managed. The
// name is a digest of what the management calls it, which a certificate that is renewed still says.
func (m managedDevices) deviceOf(c *webauthn.Credential, made time.Time) (device string, managed bool) {
	if m.roots == nil || !slices.Contains(byCertificate, fido.AuthenticatorAttestationType(c.AttestationType)) {
		return "", false
	}
	o, err := attestationOf(c)
	if err != nil {
		return "", false
	}
	chain, err := chainOf(o)
	if err != nil || len(chain) == 0 {
		return "", false
	}
	between := x509.NewCertPool()
	for _, certificate := range chain[1:] {
		between.AddCert(certificate)
	}
	_, err = chain[0].Verify(x509.VerifyOptions{
		Roots: m.roots, Intermediates: between, CurrentTime: made,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		return "", false
	}
	name := sha256.Sum256(bytes.Join([][]byte{chain[0].RawIssuer, chain[0].RawSubject}, []byte{0}))
	return hex.EncodeToString(name[:]), true
}

// chainOf gives the certificates of an attestation, whose signature was checked when it was bound.
func chainOf(o protocol.AttestationObject) (chain []*x509.Certificate, err error) {
	list, _ := o.AttStatement["x5c"].([]any)
	for _, each := range list {
		der, _ := each.([]byte)
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("read certificate of attestation: %w", err)
		}
		chain = append(chain, certificate)
	}
	if len(chain) > 0 && protocol.AttestationFormat(o.Format) == protocol.AttestationFormatTPM {
		// The name of the chip stands there, which nothing but this format knows; the library read it.
		chain[0].UnhandledCriticalExtensions = slices.DeleteFunc(chain[0].UnhandledCriticalExtensions, isChipName)
	}
	return chain, nil
}

func isChipName(extension asn1.ObjectIdentifier) bool {
	return extension.Equal(asn1.ObjectIdentifier{2, 5, 29, 17})
}

// attestationOf reads the attestation that a credential was bound with.
func attestationOf(c *webauthn.Credential) (o protocol.AttestationObject, err error) {
	if err := webauthncbor.Unmarshal(c.Attestation.Object, &o); err != nil {
		return o, fmt.Errorf("read attestation: %w", err)
	}
	if err := o.AuthData.Unmarshal(o.RawAuthData); err != nil {
		return o, fmt.Errorf("read attested data: %w", err)
	}
	return o, nil
}

const updateDevice = `UPDATE webauthn_credential SET device = $2 WHERE authenticator_id = $1`

const othersOnDevice = `SELECT COUNT(*) FROM webauthn_credential c JOIN authenticator a ON a.id = c.authenticator_id
	WHERE c.device = $1 AND c.authenticator_id <> $2 AND a.status <> 'removed'`

// othersOn counts the credentials on a device beside one.
func othersOn(ctx context.Context, r db.R, device, authenticatorID string) (int64, error) {
	others, err := db.Value[int64](ctx, r, othersOnDevice, device, authenticatorID)
	if err != nil {
		return 0, fmt.Errorf("look for who has the device: %w", err)
	}
	return others, nil
}

// judgeBound judges a credential that is bound. A device counts for who had it first, where it was not known before
// that an organisation manages it.
func (p *Party) judgeBound(
	ctx context.Context, r db.R, a authenticator.Authenticator, c credentialRow,
) (judgement, error) {
	j, err := p.judge(ctx, r, a.Kind, &c.credential, a.BoundAt)
	if err != nil || j.device == "" {
		return j, err
	}
	others, err := othersOn(ctx, r, j.device, a.ID)
	if others > 0 {
		return judgement{level: authn.AAL2, why: authn.Unmanaged}, err
	}
	return j, err
}

// isFree refuses a device on which a credential is bound.
func isFree(ctx context.Context, r db.R, device string) error {
	if device == "" {
		return nil
	}
	others, err := othersOn(ctx, r, device, "")
	if err == nil && others > 0 {
		return errOthersDevice
	}
	return err
}

const credentialsOfKind = selectCredentials + ` JOIN authenticator a ON a.id = c.authenticator_id
	WHERE a.kind = $1 AND c.authenticator_id > $2 ORDER BY c.authenticator_id LIMIT $3`

// otherManagements is the reason in events.
const otherManagements = "other managements of devices are named"

// judgeManaged judges, once after each start, the credentials of kinds whose level stands on managed devices: the
// operator may name other managements than before.
func (p *Party) judgeManaged(ctx context.Context, d *db.DB, by actor.Actor) (changed int, err error) {
	if p.managed.judged.Load() {
		return 0, nil
	}
	for kind := range dialogs {
		if !kind.Declared().Attestation.Managed {
			continue
		}
		n, err := p.judgeKind(ctx, d, by, kind)
		changed += n
		if err != nil {
			return changed, err
		}
	}
	p.managed.judged.Store(true)
	return changed, nil
}

func (p *Party) judgeKind(ctx context.Context, d *db.DB, by actor.Actor, kind authn.Kind) (changed int, err error) {
	for last := ""; ; {
		list, err := db.Read(ctx, d, func(r db.R) ([]credentialRow, error) {
			return db.All(ctx, r, scanCredential, credentialsOfKind, string(kind), last, judgeChunk)
		})
		if err != nil || len(list) == 0 {
			return changed, err
		}
		part, err := p.judgeChanged(ctx, d, by, list)
		changed += part.changed
		if err != nil {
			return changed, err
		}
		last = list[len(list)-1].authenticatorID
	}
}

// judgeChanged judges those credentials of a list again that have another level than they had.
func (p *Party) judgeChanged(
	ctx context.Context, d *db.DB, by actor.Actor, list []credentialRow,
) (part judgedPart, err error) {
	changed, err := db.Read(ctx, d, func(r db.R) (changed []credentialRow, err error) {
		for _, c := range list {
			a, err := authenticator.ByID(ctx, r, c.authenticatorID)
			if err != nil {
				return nil, err
			}
			j, err := p.judgeBound(ctx, r, a, c)
			if err != nil {
				return nil, err
			}
			if a.Status != authenticator.Removed && (j.level != a.Level || j.why != a.Why) {
				changed = append(changed, c)
			}
		}
		return changed, nil
	})
	if err != nil || len(changed) == 0 {
		return part, err
	}
	return db.Write(ctx, d, by, func(w *db.W) (judgedPart, error) {
		return p.judgeEach(ctx, w, changed, otherManagements)
	})
}
