using Migrator.Core.Identity;
using Migrator.Core.Secrets;

namespace Migrator.Core.Jobs;

/// <summary>How a server is logged in to: with a password or a token that is somewhere, or with tokens that are requested.</summary>
public sealed record ServerAuth(AuthMethod Method, SecretReference? Password, TokenSettings? Tokens);
