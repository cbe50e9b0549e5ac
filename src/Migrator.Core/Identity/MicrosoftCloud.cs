namespace Migrator.Core.Identity;

/// <summary>Where a tenant lives.</summary>
public enum MicrosoftCloud
{
    /// <summary>Worldwide, and GCC of the United States.</summary>
    Global,
    GccHigh,
    Dod,

    /// <summary>Operated by 21Vianet.</summary>
    China,
}
