import jsTokens from 'js-tokens';
import type { TextFile } from './text-file.js';

/** A token of JavaScript, TypeScript or JSON. */
export interface Token {
  readonly type: string;
  readonly text: string;
  readonly start: number;
}

const SPACE = new Set(['WhiteSpace', 'LineTerminatorSequence']);
const COMMENT = new Set(['MultiLineComment', 'SingleLineComment', 'HashbangComment']);
/** A template is a bracket around all of its parts. */
const CLOSES = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
  ['TemplateTail', 'TemplateHead'],
]);
const OPENS = new Set(CLOSES.values());
/** Where `<` begins an element. Anywhere else it may be a type argument, which reads like an element without an end. */
const MAY_HOLD_JSX = /\.(?:[cm]?js|jsx|tsx)$/;

/** A file as tokens, without spaces, and which bracket belongs to which. */
export class Code {
  readonly tokens: Token[] = [];
  readonly comments: Token[] = [];
  /** For each token that is a bracket, the other one; -1 for any other token, and where the other one is missing. */
  readonly partner: number[] = [];
  readonly isBalanced: boolean;

  private constructor(
    readonly file: TextFile,
    jsx: boolean,
  ) {
    let start = 0;
    for (const { type, value } of jsTokens(file.text, { jsx })) {
      const token = { type, text: value, start };
      start += value.length;
      if (COMMENT.has(type)) this.comments.push(token);
      else if (!SPACE.has(type)) this.tokens.push(token);
    }
    this.isBalanced = this.pairBrackets();
  }

  /** The tokens of a file. It does not fail: what cannot be read is a token of its own. */
  static of(file: TextFile): Code {
    const jsx = MAY_HOLD_JSX.test(file.path);
    const code = new Code(file, jsx);
    // `<T,>(x: T) => x` looks like an element; the brackets that it swallows tell.
    if (!jsx || (code.isBalanced && !code.hidesNames())) return code;
    const plain = new Code(file, false);
    return plain.isBalanced ? plain : code;
  }

  text(at: number): string {
    return this.tokens[at]?.text ?? '';
  }

  /** Whether there is a name or keyword there: this one, where one is given. */
  isName(at: number, name?: string): boolean {
    const token = this.tokens[at];
    return token?.type === 'IdentifierName' && (name === undefined || token.text === name);
  }

  isPunctuator(at: number, text: string): boolean {
    const token = this.tokens[at];
    return token?.text === text && (token.type === 'Punctuator' || token.type === 'JSXPunctuator');
  }

  /** The text of a string, or of a template without parts; undefined for any other token. Escapes stay as they are. */
  stringAt(at: number): string | undefined {
    const token = this.tokens[at];
    if (token?.type !== 'StringLiteral' && token?.type !== 'NoSubstitutionTemplate') return undefined;
    return token.text.slice(1, -1);
  }

  /** The offset behind a token. */
  endOf(at: number): number {
    const token = this.tokens[at] as Token;
    return token.start + token.text.length;
  }

  /** The bracket that closes the one there, or the last token where none does. */
  closing(at: number): number {
    const partner = this.partner[at] as number;
    return partner > at ? partner : this.tokens.length - 1;
  }

  private pairBrackets(): boolean {
    const open: number[] = [];
    let balanced = true;
    this.tokens.forEach((token, at) => {
      this.partner.push(-1);
      const bracket = bracketOf(token);
      if (bracket === undefined) return;
      if (OPENS.has(bracket)) {
        open.push(at);
        return;
      }
      const other = open.at(-1);
      if (other !== undefined && bracketOf(this.tokens[other] as Token) === CLOSES.get(bracket)) {
        open.pop();
        this.partner[at] = other;
        this.partner[other] = at;
      } else balanced = false;
    });
    return balanced && open.length === 0;
  }

  private hidesNames(): boolean {
    return this.tokens.some(({ type, text }) => type === 'JSXText' && /sofa-(?:rpc|bolt)-node/.test(text));
  }
}

function bracketOf({ type, text }: Token): string | undefined {
  const name = type === 'Punctuator' || type === 'JSXPunctuator' ? text : type;
  return OPENS.has(name) || CLOSES.has(name) ? name : undefined;
}
