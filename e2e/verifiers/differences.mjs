// Where the other verifier (@simplewebauthn/server) accepts what we refuse, ceremony by ceremony, and why we are right to.
// None is the other way round. One that no longer differs has to go.
export const differences = {
  "none: Resp-3 attStmt a text":
    "They do not read the statement of the format none; its text has no size, which they take for nothing.",
  "none: Resp-3 attStmt a list":
    "They do not read the statement of the format none; an empty list has no size, which they take for nothing.",
  "none: W21 leftover bytes":
    "They read the first item in CBOR and leave what stands behind it.",
  "none: Resp-3 extensions that are no map":
    "They read one item in CBOR for the extensions, and do not ask of which type it is.",
  "none: §7.1 id of 1,024 bytes":
    "They leave the greatest length of an id (section 7.1, step 25) to their caller.",
  "none: §4 id that may be guessed":
    "They leave the least length of an id (section 4) to their caller.",
  "none: §7.1 id of another credential":
    "They keep the id of the attested data, and do not compare it with that of the answer.",
  "none: W17 algorithm of the other sort of key":
    "They look at the number of the algorithm alone where no attestation uses the key; a login with it fails.",
  "none: W17 another curve":
    "They do not look into a key that no attestation uses; a login with it fails.",
  "none: W17 no point of the curve":
    "They do not look into a key that no attestation uses; a login with it fails.",
  "none: W17 half a point":
    "They do not look into a key that no attestation uses; a login with it fails.",
  "none: W17 a key in letters":
    "They do not look into a key that no attestation uses; a login with it fails.",
  "none RS256: W17 of 1,024 bits":
    "Which sizes of RSA keys are enough is our rule (FIDO Registry of Predefined Values section 3.6.2).",
  "none RS256: W17 of 8,192 bits":
    "Which sizes of RSA keys are too many is our rule: a signature would cost seconds to check.",
  "none RS256: W17 exponent 3":
    "Which exponent an RSA key may have is our rule: chips make 65537 alone.",
  "none RS256: W17 no modulus":
    "They do not look into a key that no attestation uses; a login with it fails.",
  "packed managed: W20 by itself":
    "We bind it at AAL2, as no management attests it; which level a credential has they leave to their caller.",
  "packed managed: W20 by nobody":
    "We bind it at AAL2, as no management attests it; which level a credential has they leave to their caller.",
  "packed managed: W12 synced credential":
    "We bind it at AAL2, as it may be copied; which level a credential has they leave to their caller.",
  "tpm ES256: §8.3 alg of another key":
    "They check the signature with the algorithm of the certificate's key, and take alg for the hash alone.",
  "tpm ES256: key that may leave the chip":
    "We bind it at AAL2 (decision 155): fixedTPM is not asked for by WebAuthn.",
  "tpm ES256: key that may leave its place":
    "We bind it at AAL2 (decision 155): fixedParent is not asked for by WebAuthn.",
  "tpm ES256: key that was made elsewhere":
    "We bind it at AAL2 (decision 155): sensitiveDataOrigin is not asked for by WebAuthn.",
  "tpm ES256: W12 synced credential":
    "We bind it at AAL2, as it may be copied; which level a credential has they leave to their caller.",
  "tpm ES256: §8.3 ecdaaKeyId":
    "They leave entries alone that they do not know; section 8.3 has no such entry.",
  "tpm ES256: Resp-9 bytes behind what was signed":
    "They read certInfo as far as they know it; here every byte has to mean something.",
  "android-key: §8.4 key that was made elsewhere":
    "They do not look at origin, which section 8.4 asks for.",
  "android-key: §8.4 key for something else":
    "They do not look at purpose, which section 8.4 asks for.",
  "android-key: §8.4 alg of another key":
    "They check the signature with the algorithm of the certificate's key.",
  "packed: W4 in a frame of others":
    "They do not look at crossOrigin alone; our pages may not be framed, so no honest answer has it.",
  "packed: W4 in a frame of others, which it names":
    "They do not look at topOrigin in a binding.",
  "packed: W4 a frame's origin, in no frame":
    "They do not look at topOrigin in a binding.",
  "packed: W4 crossOrigin no truth value":
    "They do not look at the type of crossOrigin.",
  "packed: Resp-2 type twice":
    "JSON.parse takes the last of two fields, silently (decision 155).",
  "packed: Resp-2 challenge twice":
    "JSON.parse takes the last of two fields, silently (decision 155).",
  "packed: Resp-2 origin twice":
    "JSON.parse takes the last of two fields, silently (decision 155).",
  "packed: Resp-5 alg of another key":
    "They check the signature with the algorithm of the certificate's key.",
  "packed: §8.2.1 critical model":
    "They do not look whether the extension with the model is critical, which section 8.2.1 forbids.",
  "packed: §8.2 ecdaaKeyId":
    "They leave entries alone that they do not know; Level 3 of WebAuthn has no such entry.",
  "packed: W12 synced credential":
    "We bind it at AAL2, as it may be copied; which level a credential has they leave to their caller.",
  "packed self: Resp-3 extensions that are no map":
    "They read one item in CBOR for the extensions, and do not ask of which type it is.",
  "packed self: Resp-6 no certificates, said so":
    "They take x5c of null for none; section 8.2 has it left out.",
  "packed self: §8.2 ecdaaKeyId":
    "They leave entries alone that they do not know; Level 3 of WebAuthn has no such entry.",
  "packed self: §8.2 an entry that the format has not":
    "They leave entries alone that they do not know.",
  "packed self RS256: Resp-6 no certificates, said so":
    "They take x5c of null for none; section 8.2 has it left out.",
  "packed self RS256: §8.2 ecdaaKeyId":
    "They leave entries alone that they do not know; Level 3 of WebAuthn has no such entry.",
  "packed self RS256: §8.2 an entry that the format has not":
    "They leave entries alone that they do not know.",
  "tpm RS256: §8.3 alg of another key":
    "They check the signature with the algorithm of the certificate's key, and take alg for the hash alone.",
  "tpm RS256: key that may leave the chip":
    "We bind it at AAL2 (decision 155): fixedTPM is not asked for by WebAuthn.",
  "tpm RS256: key that may leave its place":
    "We bind it at AAL2 (decision 155): fixedParent is not asked for by WebAuthn.",
  "tpm RS256: key that was made elsewhere":
    "We bind it at AAL2 (decision 155): sensitiveDataOrigin is not asked for by WebAuthn.",
  "tpm RS256: W12 synced credential":
    "We bind it at AAL2, as it may be copied; which level a credential has they leave to their caller.",
  "tpm RS256: §8.3 ecdaaKeyId":
    "They leave entries alone that they do not know; section 8.3 has no such entry.",
  "tpm RS256: Resp-9 bytes behind what was signed":
    "They read certInfo as far as they know it; here every byte has to mean something.",
  "login ES256: W4 in a frame of others":
    "They do not look at crossOrigin alone; our pages may not be framed, so no honest answer has it.",
  "login ES256: W4 crossOrigin no truth value":
    "They do not look at the type of crossOrigin.",
  "login ES256: Resp-2 type twice":
    "JSON.parse takes the last of two fields, silently (decision 155).",
  "login ES256: Resp-2 challenge twice":
    "JSON.parse takes the last of two fields, silently (decision 155).",
  "login ES256: Resp-2 origin twice":
    "JSON.parse takes the last of two fields, silently (decision 155).",
  "login ES256: Resp-1 userHandle missing":
    "They leave the user to their caller; whoever logs in here is known by it alone.",
  "login ES256: Resp-1 userHandle empty":
    "They leave the user to their caller; whoever logs in here is known by it alone.",
  "login ES256: Resp-1 userHandle not in base64url":
    "They leave the user to their caller; whoever logs in here is known by it alone.",
  "login ES256: W14 userHandle of somebody else":
    "They leave the user to their caller; whoever logs in here is known by it alone.",
  "login ES256: W14 credential that nobody has":
    "Their caller looks the credential up, and the test gives them the one that signed.",
  "login ES256: Resp-3 extensions that are no map":
    "They read one item in CBOR for the extensions, and do not ask of which type it is.",
  "login ES256: W18 bytes behind the signature":
    "They read the signature in ASN.1 as far as it goes; behind it there is to be nothing (DER).",
  "login ES256: W11 may be backed up since":
    "They leave it to their caller to compare the flag with what it was (section 7.2, step 18).",
  "login ES256: W11 is backed up since":
    "They leave it to their caller to compare the flag with what it was (section 7.2, step 18).",
  "login RS256: Resp-3 extensions that are no map":
    "They read one item in CBOR for the extensions, and do not ask of which type it is.",
  "login RS256: W11 may be backed up since":
    "They leave it to their caller to compare the flag with what it was (section 7.2, step 18).",
  "login RS256: W11 is backed up since":
    "They leave it to their caller to compare the flag with what it was (section 7.2, step 18).",
};
