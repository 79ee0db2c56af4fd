/**
 * The audit over many more random cities than the suite has time for, clean and broken:
 * `npm run audit:campaign`. AUDIT_CITIES and AUDIT_APPLIED say how many, SEED where to begin.
 */
import process from 'node:process';

process.env['AUDIT_CITIES'] ??= '200';
process.env['AUDIT_APPLIED'] ??= '3';
process.env['SEED'] ??= String(1 + Math.floor(Math.random() * 1_000_000));
process.stdout.write(`# SEED=${process.env['SEED']}\n`);

for (const part of ['audit', 'audit-broken', 'audit-clean']) await import(`./${part}.test.ts`);
