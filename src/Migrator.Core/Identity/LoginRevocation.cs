namespace Migrator.Core.Identity;

/// <summary>What came of a login that is to end.</summary>
public enum LoginRevocation
{
    /// <summary>Nobody had logged in.</summary>
    Missing,

    /// <summary>It is deleted, and the server has revoked it.</summary>
    AtServer,

    /// <summary>It is deleted; the server was not asked, or did not do it.</summary>
    HereOnly,
}
