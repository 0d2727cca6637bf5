// What does not hold, told in Chinese and English as domain/errors.py does.

export class Refused extends Error {
  // kind: "Invalid" (not of the form it must have), "NotProved" (a proof does not hold) or
  // "Unavailable" (this page cannot check it).
  constructor(kind, zh, en, where = "") {
    super(en);
    this.kind = kind;
    this.zh = zh;
    this.en = en;
    this.where = where;
  }
}

export const invalid = (zh, en, where) => new Refused("Invalid", zh, en, where);
export const notProved = (zh, en, where) => new Refused("NotProved", zh, en, where);
