using Migrator.Core.Secrets;

namespace Migrator.Core.Jobs;

/// <summary>The certificate that this side shows to a server in TLS.</summary>
/// <param name="File">PFX or PEM, with the private key.</param>
/// <param name="Password">Where the password of the file is to be found; null where it has none.</param>
public sealed record ClientCertificate(string File, SecretReference? Password);
