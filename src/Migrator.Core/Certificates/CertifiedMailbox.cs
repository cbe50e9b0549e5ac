namespace Migrator.Core.Certificates;

/// <summary>Which mailbox a certificate is about.</summary>
/// <param name="Mailbox">Its name in the job.</param>
/// <param name="Source">The account, as URL.</param>
/// <param name="Target">Likewise.</param>
/// <param name="File">Name of the certificate's file.</param>
public sealed record CertifiedMailbox(string Job, string Mailbox, string Source, string Target, string File);
