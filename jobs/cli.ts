#!/usr/bin/env node
/** The command. Everything is composed behind it; nothing imports it. */
import process from 'node:process';
import { main } from './cli/program.ts';

process.exitCode = await main(process.argv.slice(2));
