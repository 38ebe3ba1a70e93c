import { setFlagsFromString } from 'node:v8';

// V8 must not guess which objects will live long: its guess differs from run to run, and a wrong one doubles
// the pauses for garbage (docs/adr/0037).
setFlagsFromString('--no-allocation-site-pretenuring');
