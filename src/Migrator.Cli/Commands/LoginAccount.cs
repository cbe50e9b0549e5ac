using Migrator.Core.Identity;

namespace Migrator.Cli.Commands;

/// <summary>Whose login it is, and how.</summary>
internal sealed record LoginAccount(TokenSettings Tokens, string User);
