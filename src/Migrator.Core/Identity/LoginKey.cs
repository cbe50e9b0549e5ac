namespace Migrator.Core.Identity;

/// <summary>Names what somebody has allowed once, in a browser, for one mailbox.</summary>
/// <param name="Server">The token endpoint; of Microsoft, the authority with its tenant.</param>
/// <param name="Client">The id of the application that was allowed.</param>
/// <param name="User">The login name of the mailbox.</param>
/// <param name="Given">Hash of the refresh token that a job file gives, whose successors this keeps; empty where somebody has logged in. Of
/// two jobs with different tokens, each keeps its own.</param>
public sealed record LoginKey(string Server, string Client, string User, string Given = "");
