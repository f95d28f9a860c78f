import type { Code } from './code.js';

/** Where a value comes from: `require('m').client.RpcClient` is `client`, `RpcClient` of `m`. */
export interface Origin {
  readonly module: string;
  readonly path: readonly string[];
}

/** What the names of a file were imported as. Scopes are not looked at: one name is one thing in a file. */
export class Origins {
  private readonly names = new Map<string, Origin>();

  constructor(private readonly code: Code) {
    for (let at = 0; at < code.tokens.length; at++) {
      if (code.isPunctuator(at, '=')) this.bindAssigned(at);
      else if (code.isName(at, 'import') && !/^[.(]$/.test(code.text(at + 1))) this.bindImported(at);
    }
  }

  of(name: string): Origin | undefined {
    return this.names.get(name);
  }

  /** The origin of the expression that begins at a token; undefined where it is not of an import alone. */
  at(start: number): Origin | undefined {
    const { code } = this;
    let at = start;
    while (code.isName(at, 'await') || code.isPunctuator(at, '(')) at++;
    let origin: Origin | undefined;
    let end = at;
    if ((code.isName(at, 'require') || code.isName(at, 'import')) && code.isPunctuator(at + 1, '(')) {
      const module = code.stringAt(at + 2);
      if (module === undefined) return undefined;
      origin = { module, path: [] };
      end = code.closing(at + 1);
    } else if (code.isName(at) && !/^\??\.$/.test(code.text(at - 1))) {
      origin = this.names.get(code.text(at));
    }
    if (origin === undefined) return undefined;
    const path = [...origin.path];
    for (at = end + 1; ; ) {
      if (code.isPunctuator(at, ')') && (code.partner[at] as number) >= start) at++;
      else if (/^\??\.$/.test(code.text(at)) && code.isName(at + 1)) {
        path.push(code.text(at + 1));
        at += 2;
      } else break;
    }
    return { module: origin.module, path };
  }

  private bindAssigned(equals: number): void {
    const { code } = this;
    const origin = this.at(equals + 1);
    if (origin === undefined) return;
    const target = equals - 1;
    if (code.isName(target) && !/^\??\.$/.test(code.text(target - 1)))
      this.names.set(code.text(target), origin);
    else if (code.isPunctuator(target, '}')) this.bindPattern(code.partner[target] as number, origin);
  }

  /** `{ client: { RpcClient: Client }, registry }`, of `import` too, which says `as` for the colon. */
  private bindPattern(open: number, { module, path }: Origin): void {
    const { code } = this;
    const end = code.closing(open);
    if (open < 0) return;
    for (let at = open + 1; at < end; at++) {
      if (!code.isName(at)) continue;
      // In `import { type A as B }`, `type` is no name of the module.
      if (code.isName(at, 'type') && code.isName(at + 1) && !code.isName(at + 1, 'as')) at++;
      const origin = { module, path: [...path, code.text(at)] };
      const renamed = code.isPunctuator(at + 1, ':') || code.isName(at + 1, 'as');
      const local = renamed ? at + 2 : at;
      if (code.isPunctuator(local, '{')) {
        this.bindPattern(local, origin);
        at = code.closing(local);
        continue;
      }
      if (code.isName(local)) this.names.set(code.text(local), origin);
      // Past a default such as `= {}`.
      for (at = local + 1; at < end && !code.isPunctuator(at, ','); at++) {
        const partner = code.partner[at] as number;
        if (partner > at) at = partner;
      }
    }
  }

  private bindImported(start: number): void {
    const { code } = this;
    let from = start + 1;
    while (from < start + 400 && !code.isName(from, 'from')) {
      if (code.stringAt(from) !== undefined || /^[;=()]$/.test(code.text(from)) || from >= code.tokens.length)
        return;
      from++;
    }
    const module = code.stringAt(from + 1);
    if (module === undefined) return;
    for (let at = start + 1; at < from; at++) {
      if (code.isPunctuator(at, '{')) {
        this.bindPattern(at, { module, path: [] });
        return;
      }
      // The default import of a CommonJS module is the module itself, and so is `* as name`.
      if (code.isName(at) && !code.isName(at, 'as') && !(code.isName(at, 'type') && code.isName(at + 1)))
        this.names.set(code.text(at), { module, path: [] });
    }
  }
}
