import type { AwsCredentialReference } from '@bonito/protocol';
import type { CredentialProblem } from '../../gateway/ports.ts';
import type { Credential } from '../../gateway/providers/provider-kind.ts';
import type { Holder } from '../credential-cells.ts';
import type { CredentialHolder, CredentialParts, Headers } from '../credential-holder.ts';
import type { CredentialTools, Via } from '../credential-tools.ts';
import { type AwsKeys, answeredAt } from './aws-keys.ts';
import { holdAwsKeys, stsRegion } from './hold-aws-keys.ts';
import { askCallerIdentity, type ClockSkew, SKEW_NOTICE_MS, type StsCall } from './sts.ts';

const NO_CREDENTIAL: Credential = { type: 'none' };

/** Keys of AWS with the correction of our clock, as one object for as long as both stay the same. */
export class AwsHolder implements CredentialHolder {
  readonly #keys: Holder<AwsKeys>;
  readonly #sts: StsCall;
  readonly #tools: CredentialTools;
  /** As STS's answers showed it. */
  readonly #shared: ClockSkew;
  /** As this provider's answers showed it. */
  #ownSkewMs: number | undefined;
  #composedFrom: AwsKeys | undefined;
  #composed: Credential = NO_CREDENTIAL;
  #composedSkewMs = 0;

  /** @param ofProvider the provider's own region */
  constructor(
    reference: AwsCredentialReference,
    ofProvider: string | undefined,
    { tools, fresh, cells, skew, reload }: CredentialParts,
    via: Via,
  ) {
    this.#tools = tools;
    this.#shared = skew;
    const place = { region: stsRegion(reference, ofProvider, tools), url: reference.sts_url };
    this.#sts = { tools: fresh, place, via, skew };
    this.#keys = holdAwsKeys(reference, {
      sts: this.#sts,
      memory: tools,
      cells,
      reload: () => reload(reference),
    });
  }

  read(): Credential | Promise<Credential | undefined> | undefined {
    const keys = this.#keys.read();
    if (keys === undefined) return undefined;
    if (keys instanceof Promise) return keys.then((fetched) => fetched && this.#compose(fetched));
    return this.#compose(keys);
  }

  problem(): CredentialProblem | undefined {
    return this.#keys.problem();
  }

  /** https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html */
  refusedBy(_status: number | undefined, headers: Headers | undefined): void {
    const now = this.#tools.clock.now() + this.#skewMs;
    const off = headers ? answeredAt(headers, now) - now : 0;
    if (Math.abs(off) >= SKEW_NOTICE_MS) {
      this.#ownSkewMs = this.#skewMs + off;
      return;
    }
    const type = headers?.['x-amzn-errortype'];
    const named = typeof type === 'string' ? type : '';
    // What the identity may not do, it may not do with new keys either.
    if (/^AccessDenied/.test(named)) return;
    this.#keys.refused(/^(ExpiredToken|UnrecognizedClient|InvalidClientTokenId)/.test(named));
  }

  /** Any key may ask who it is: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
  async verify(): Promise<void> {
    await askCallerIdentity(this.#sts, await this.#keys.renew());
  }

  get #skewMs(): number {
    return this.#ownSkewMs ?? this.#shared.skewMs;
  }

  #compose(keys: AwsKeys): Credential {
    const skewMs = this.#skewMs;
    if (keys === this.#composedFrom && skewMs === this.#composedSkewMs) return this.#composed;
    this.#composedFrom = keys;
    this.#composedSkewMs = skewMs;
    this.#composed = { type: 'aws', ...keys, skewMs };
    return this.#composed;
  }
}
