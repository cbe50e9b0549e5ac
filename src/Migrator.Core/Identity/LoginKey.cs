namespace Migrator.Core.Identity;

/// <summary>Names what somebody has allowed once, in a browser, for one mailbox.</summary>
/// <param name="Server">The token endpoint; of Microsoft, the authority with its tenant.</param>
/// <param name="Client">The id of the application that was allowed.</param>
/// <param name="User">The login name of the mailbox.</param>
public sealed record LoginKey(string Server, string Client, string User);
