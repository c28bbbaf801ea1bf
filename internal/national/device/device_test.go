package device_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/national/authn"
	"signpost/internal/national/device"
)

var today = time.Date(2026, 11, 30, 15, 0, 0, 0, time.UTC)

// good is a device on which everything was looked at and works, but for what others answer.
func good(others device.Result) device.Result {
	r := device.Result{
		device.Script: device.Yes, device.WebAuthn: device.Yes, device.BuiltIn: device.Yes, device.Offers: device.Yes,
		device.Nearby: device.Yes, device.Cookies: device.Yes, device.Clock: device.Right, device.Network: device.NHS,
		device.Door: device.Accepted,
	}
	maps.Copy(r, others)
	return r
}

func TestJudge(t *testing.T) {
	const noneElse = device.Works
	blocked := map[authn.Kind]device.Verdict{}
	for _, k := range authn.Kinds() {
		blocked[k] = device.Fails
	}
	unsure := map[authn.Kind]device.Verdict{}
	for _, k := range authn.Kinds() {
		unsure[k] = device.Unsure
	}
	browserMade := map[authn.Kind]device.Verdict{
		authn.SecurityKey: device.Fails, authn.WindowsHello: device.Fails, authn.IPad: device.Fails,
		authn.Passkey: device.Fails,
	}
	own := map[authn.Kind]device.Verdict{authn.WindowsHello: device.Depends, authn.IPad: device.Depends}
	with := func(more map[authn.Kind]device.Verdict) map[authn.Kind]device.Verdict {
		all := maps.Clone(own)
		maps.Copy(all, more)
		return all
	}
	both := func(v device.Verdict) map[authn.Kind]device.Verdict {
		return with(map[authn.Kind]device.Verdict{authn.SmartcardHSCN: v, authn.SmartcardInternet: v})
	}
	for _, tt := range []struct {
		name   string
		others device.Result
		want   map[authn.Kind]device.Verdict
	}{
		{"everything there", nil, own},
		{"no cookies", device.Result{device.Cookies: device.No}, blocked},
		{"cookies that were not looked at", device.Result{device.Cookies: device.Unknown}, unsure},
		{"no JavaScript", device.Result{device.Script: device.No}, browserMade},
		{"no WebAuthn", device.Result{device.WebAuthn: device.No}, browserMade},
		{"nothing built in", device.Result{device.BuiltIn: device.No},
			map[authn.Kind]device.Verdict{authn.WindowsHello: device.Fails, authn.IPad: device.Fails}},
		{"no Bluetooth, a passkey on the device itself", device.Result{device.Nearby: device.No}, own},
		{"no Bluetooth, nothing built in", device.Result{device.Nearby: device.No, device.BuiltIn: device.No},
			map[authn.Kind]device.Verdict{authn.WindowsHello: device.Fails, authn.IPad: device.Fails,
				authn.Passkey: device.Fails}},
		{"a clock that is fast", device.Result{device.Clock: device.Fast},
			with(map[authn.Kind]device.Verdict{authn.AuthenticatorApp: device.Depends})},
		{"on the internet", device.Result{device.Network: device.Internet},
			with(map[authn.Kind]device.Verdict{authn.SmartcardHSCN: device.Fails})},
		{"a door that does not answer", device.Result{device.Door: device.Unreachable}, both(device.Fails)},
		{"a door, and no card", device.Result{device.Door: device.NoCard}, both(device.Unsure)},
		{"a revoked card", device.Result{device.Door: device.Revoked}, both(device.Fails)},
		{"a card of which nobody says whether it was revoked", device.Result{device.Door: device.Unconfirmed},
			both(device.Unsure)},
	} {
		for _, k := range device.Judge(good(tt.others), authn.Kinds()) {
			want, named := tt.want[k.Kind]
			if !named {
				want = noneElse
			}
			if k.Verdict != want {
				t.Errorf("%s: %s is %d, want %d: %+v", tt.name, k.Kind, k.Verdict, want, k.Findings)
			}
		}
	}
}

// What nobody looked at is never said to work, nor to fail; and what is said comes with the worst first.
func TestNothingIsSaidOfWhatWasNotLookedAt(t *testing.T) {
	for _, k := range device.Judge(device.Result{device.Script: device.Yes}, authn.Kinds()) {
		if k.Verdict != device.Unsure {
			t.Errorf("%s is %d", k.Kind, k.Verdict)
		}
		worse := func(a, b device.Finding) int { return int(b.Verdict) - int(a.Verdict) }
		if !slices.IsSortedFunc(k.Findings, worse) {
			t.Errorf("%s: %+v", k.Kind, k.Findings)
		}
	}
}

// Each kind is looked at by what it needs, and each need is either looked at or named for people to see to.
func TestEveryNeedIsLookedAtOrNamed(t *testing.T) {
	looked := device.Result{device.Script: device.Yes, device.Cookies: device.Yes}
	for _, k := range device.Judge(looked, authn.Kinds()) {
		said := len(k.Bring)
		for _, need := range k.Kind.Declared().Needs {
			if slices.ContainsFunc(k.Findings, func(f device.Finding) bool { return f.Need == need }) {
				said++
			}
		}
		inOrder := 0
		for _, need := range []authn.Need{authn.Script, authn.Clock} {
			if k.Kind.Needs(need) {
				inOrder++
			}
		}
		if said != len(k.Kind.Declared().Needs)-inOrder {
			t.Errorf("%s needs %v: %+v", k.Kind, k.Kind.Declared().Needs, k)
		}
	}
	keys := device.Keys()
	if len(keys) != len(slices.Compact(slices.Clone(keys))) || len(keys) < 20 {
		t.Errorf("keys of findings: %v", keys)
	}
}

func TestClockOff(t *testing.T) {
	for seconds, want := range map[int]device.Answer{
		0: device.Right, 30: device.Right, -30: device.Right, 31: device.Fast, -31: device.Slow,
	} {
		if got := device.ClockOff(seconds); got != want {
			t.Errorf("%d seconds: %s", seconds, got)
		}
	}
}

// every walks results in which any fact has any answer.
func every(do func(device.Result)) {
	for _, f := range device.Facts() {
		for _, a := range f.Answers() {
			for _, g := range device.Facts() {
				for _, b := range g.Answers() {
					do(good(device.Result{f: a, g: b}))
				}
			}
		}
	}
}

func TestACodeSaysWhatWasFound(t *testing.T) {
	codes := map[string]bool{}
	every(func(want device.Result) {
		code := want.Code(today)
		for _, now := range []time.Time{today, today.Add(-time.Hour), today.AddDate(0, 0, 200)} {
			got, day, known := device.Read(strings.ToLower(device.Show(code)), now)
			if !known || !maps.Equal(got, want) || day.Format(time.DateOnly) != "2026-11-30" {
				t.Fatalf("%s says %v on %v, %v; want %v", code, got, day, known, want)
			}
		}
		codes[code] = true
	})
	if len(codes) < 300 {
		t.Errorf("only %d codes were read", len(codes))
	}
	if shown := device.Show(good(nil).Code(today)); len(shown) != 11 || strings.Count(shown, " ") != 2 {
		t.Errorf("it is shown as %q", shown)
	}
}

// One wrong letter, two wrong letters, and two that changed places, are noticed.
func TestACodeThatWasMisheardIsNone(t *testing.T) {
	const letters = "23456789BCDFGHJKMNPQRSTVWXYZ"
	tried, accepted := 0, 0
	try := func(code string) {
		tried++
		if _, _, known := device.Read(code, today); known {
			accepted++
		}
	}
	code := good(nil).Code(today)
	if _, _, known := device.Read(code, today); !known {
		t.Fatalf("the right code %s is refused", code)
	}
	for i := range code {
		for _, a := range letters {
			one := code[:i] + string(a) + code[i+1:]
			if one == code {
				continue
			}
			try(one)
			for j := range code[:i] {
				for _, b := range letters {
					if two := one[:j] + string(b) + one[j+1:]; two[j] != one[j] {
						try(two)
					}
				}
			}
		}
		for j := range code[:i] {
			swapped := []byte(code)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			if string(swapped) != code {
				try(string(swapped))
			}
		}
	}
	for _, none := range []string{"", "KDF7 2M9X", code + "2", code[1:], "AAAAAAAAA", "222222222", "ZZZZZZZZZ", "<script>!"} {
		try(none)
	}
	t.Logf("tried %d, accepted %d", tried, accepted)
	if accepted > 0 || tried < 20_000 {
		t.Errorf("tried %d, accepted %d", tried, accepted)
	}
}

// Whatever somebody types, nothing is read that cannot be written.
func FuzzRead(f *testing.F) {
	f.Add(good(nil).Code(today))
	f.Add("KDF 72M 9XB")
	f.Fuzz(func(t *testing.T, typed string) {
		r, day, known := device.Read(typed, today)
		if known && r.Code(day) != device.Plain(typed) {
			t.Errorf("%q is read as %v of %v", typed, r, day)
		}
	})
}
