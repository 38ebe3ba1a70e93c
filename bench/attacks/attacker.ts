/** The attacker's process: reports that it begins, then runs the attack that its argument names until it is killed. */
import { attacks, type Attacker } from './attacks.ts';

/** The argument of the attacker's process. */
export interface Order {
  attack: string;
  url: string;
  tokens: Attacker['tokens'];
}

/** Attacks until the process ends. */
function attack({ attack: name, url, tokens }: Order): void {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unknownKey = (n: number): string =>
    `${part({ alg: 'RS256', typ: 'JWT', kid: `made-up-${n}` })}.${part({ sub: 'nobody', exp: 4e9 })}.${'A'.repeat(342)}`;
  attacks[name]?.({ url, tokens, unknownKey });
  process.send?.('begun');
}

attack(JSON.parse(process.argv[2] ?? '') as Order);
