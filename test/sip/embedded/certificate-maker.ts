/** Certificates by openssl, in a directory that goes with the test. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
}

export class CertificateMaker {
  readonly directory = mkdtempSync(join(tmpdir(), 'trunkline-tls-'));
  readonly caFile = join(this.directory, 'ca.pem');
  private readonly caKey = join(this.directory, 'ca.key');
  private count = 0;

  /** `t` is the test, or whoever says when it is over. */
  constructor(t: { teardown(end: () => void): void }) {
    t.teardown(() => rmSync(this.directory, { recursive: true, force: true }));
    this.openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=test root', '-keyout', this.caKey, '-out', this.caFile);
  }

  /** `names` as openssl writes them: `DNS:a,URI:sip:a,IP:127.0.0.1`. `days` may be negative: expired that long ago. */
  issue(names: string, options: { days?: number; commonName?: string } = {}): CertificateFiles {
    const base = join(this.directory, `end-${(this.count += 1)}`);
    const { days = 1, commonName = 'test end' } = options;
    this.openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${commonName}`, '-keyout', `${base}.key`, '-out', `${base}.csr`);
    writeFileSync(`${base}.ext`, names === '' ? 'basicConstraints=CA:FALSE\n' : `subjectAltName=${names}\n`);
    this.openssl('x509', '-req', '-in', `${base}.csr`, '-CA', this.caFile, '-CAkey', this.caKey, '-CAcreateserial', '-days', String(days), '-extfile', `${base}.ext`, '-out', `${base}.pem`);
    return { certFile: `${base}.pem`, keyFile: `${base}.key`, caFile: this.caFile };
  }

  /** Puts other content behind the same names, as a renewal does. */
  replace(old: CertificateFiles, by: CertificateFiles): void {
    cpSync(by.certFile, old.certFile);
    cpSync(by.keyFile, old.keyFile);
  }

  private openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' });
  }
}
