import { CLASS_NAME } from 'sofa-mesh-sdk';
import { expect } from 'vitest';
import { OpenGraphs } from '../contracts.js';
import { chain, chainSize, personText, ring, ringSize, tree, treeSize } from '../node-services.js';
import { bit, person, rex, tom, zoo } from '../values.js';
import { type Cases, failureOf } from './support.js';

export const GRAPHS: Cases = {
  'passes a subclass, and a subclass of a subclass, where the base is declared': async ({ graphs }) => {
    expect(await graphs.animalText(rex())).toBe('Dog Rex 4 Beagle');
    expect(await graphs.animalText(bit())).toBe('Puppy Bit 4 Corgi 7');
    expect(await graphs.animalText(tom())).toBe('Cat Tom 3 true likes Dog Rex 4 Beagle');
  },

  'reads a list of three subclasses, each as its own class': async ({ graphs }) => {
    expect(await graphs.roster()).toEqual([rex(), bit(), tom()]);
  },

  'reads one subclass object in a field, a List and a Map as one object': async ({ graphs }) => {
    const read = await graphs.zoo();
    expect(read).toEqual(zoo());
    expect(read.animals?.[2]).toBe(read.star);
    expect(read.byName?.get('bit')).toBe(read.star);
  },

  'passes one subclass object in a field, a List and a Map as one object': async ({ graphs }) => {
    expect(await graphs.zooText(zoo())).toBe(
      'star Puppy Bit 4 Corgi 7; Dog Rex 4 Beagle; Cat Tom 3 true likes Dog Rex 4 Beagle; ' +
        'Puppy Bit 4 Corgi 7 (star); bit is Puppy Bit 4 Corgi 7 (star)',
    );
  },

  'reads a ring of objects, of one that holds itself too': async ({ graphs }) => {
    for (const size of [1, 3, 50]) expect(ringSize(await graphs.ring(size))).toBe(size);
  },

  'passes a ring of objects, of one that holds itself too': async ({ graphs }) => {
    for (const size of [1, 3, 50]) expect(await graphs.ringSize(ring(size))).toBe(size);
  },

  'reads a tree whose children know their parent': async ({ graphs }) => {
    expect(treeSize(await graphs.tree(3, 4))).toBe(121);
  },

  'passes a tree whose children know their parent': async ({ graphs }) => {
    expect(await graphs.treeSize(tree(3, 4))).toBe(121);
  },

  'reads 400 objects nested in each other': async ({ graphs }) => {
    expect(chainSize(await graphs.chain(400))).toBe(400);
  },

  'passes 400 objects nested in each other': async ({ graphs }) => {
    expect(await graphs.chainSize(chain(400))).toBe(400);
  },

  'reads and passes a generic class of POJOs whose first item is one of them': async ({ graphs }) => {
    const page = await graphs.people(5);
    expect(page.items).toEqual([person('full'), person('bare')]);
    expect(page.first).toBe(page.items?.[0]);
    expect(await graphs.peopleText(page)).toBe(
      `5 false same; ${personText(person('full'))}; ${personText(person('bare'))}`,
    );
  },

  'reads and passes the same generic class of strings': async ({ graphs }) => {
    const page = await graphs.words(9);
    expect(page).toEqual({ total: 9, items: ['one', '二'], first: 'one', last: false });
    expect(await graphs.wordsText({ ...page, last: true })).toBe('9 [one, 二] one true');
  },

  'reads and passes the generic class nested in itself': async ({ graphs }) => {
    const page = await graphs.nested();
    expect(page.items?.[0]?.items).toEqual([1n, 9007199254740993n]);
    expect(await graphs.nestedText(page)).toBe('1 pages, sum 9007199254740994');
  },

  'passes an enum constant that the provider sees as its own': async ({ graphs }) => {
    expect(await graphs.moodText('SAD')).toBe('com.lab.Mood.SAD 1');
    expect(await graphs.moodText(null)).toBe('none');
  },
};

export const JAVA_GRAPHS: Cases = {
  'refuses a subclass that the contract does not list, with its path': async ({ graphs }) => {
    const error = await failureOf(graphs.unlisted());
    expect(error.code).toBe('DECODE_FAILED');
    expect(error.message).toContain('com.lab.Parrot');
  },

  'keeps a subclass that the contract does not list where it is open': async ({ client }) => {
    expect(await client.service(OpenGraphs).unlisted()).toEqual({
      name: 'Polly',
      legs: 2,
      phrase: 'hello',
      [CLASS_NAME]: 'com.lab.Parrot',
    });
  },

  'refuses an enum constant that the contract does not list': async ({ graphs }) => {
    expect(await graphs.mood('SAD')).toBe('SAD');
    const error = await failureOf(graphs.mood('CURIOUS'));
    expect(error.code).toBe('DECODE_FAILED');
    expect(error.message).toContain('CURIOUS');
  },

  'keeps an enum constant that the contract does not list where it is open': async ({ client }) => {
    expect(await client.service(OpenGraphs).mood('CURIOUS')).toBe('CURIOUS');
  },
};
