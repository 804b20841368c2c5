/** Origin of a transaction that replays what the store holds: the only one that is not stored again. */
export const ORIGIN_STORE: unique symbol = Symbol('store');
