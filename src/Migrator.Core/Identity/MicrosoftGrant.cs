namespace Migrator.Core.Identity;

/// <summary>What proves to Microsoft Entra ID that a token may be given.</summary>
public enum MicrosoftGrant
{
    ClientSecret,
    Certificate,

    /// <summary>A token of another issuer that Entra ID trusts (workload identity federation).</summary>
    Federation,

    /// <summary>The identity of the Azure machine that this runs on.</summary>
    ManagedIdentity,

    /// <summary>A person has allowed it once, in a browser.</summary>
    DeviceCode,
}
