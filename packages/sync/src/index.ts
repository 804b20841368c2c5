export * from './ports.ts';
export * from './wire/codes.ts';
export * from './wire/door.ts';
export * from './wire/limits.ts';
export * from './docs/doc-kinds.ts';
