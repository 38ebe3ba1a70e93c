/** Words in English: export and erasure of people, certificates. */
export const privacy = {
  privacy: {
    title: 'Privacy',
    lead: 'Subject access and erasure requests: export or destroy everything stored about one person.',
    kind: 'Kind',
    userKey: 'DNI, or user-15',
    personaKey: 'Id of the person',
    erasures: 'Erasures',
    none: 'Nobody has been erased yet.',
  },
  certificate: {
    title: 'Certificate of erasure',
    subject: 'Subject',
    erasedAt: 'Erased',
    by: 'By',
    erasure: 'Erasure',
    keys: 'Destroyed keys (fingerprints)',
    events: 'No key can decrypt what the history said.',
    views: 'No view contains the person.',
    keyStore: 'The key store records the destruction.',
    save: 'Save certificate',
  },
};
