// @ts-check
/**
 * @typedef {{ version: string, peerDependencies?: Record<string, string> }} PeerManifest
 */

/**
 * The manifest with every peer of ours at this range.
 *
 * @template {PeerManifest} T
 * @param {T} manifest
 * @param {string} range
 * @returns {T}
 */
export function withPeers(manifest, range) {
  if (manifest.peerDependencies === undefined) return manifest;
  const peers = Object.entries(manifest.peerDependencies).map(([name, old]) => [
    name,
    name.startsWith('@faultpath/') ? range : old,
  ]);
  return { ...manifest, peerDependencies: Object.fromEntries(peers) };
}
