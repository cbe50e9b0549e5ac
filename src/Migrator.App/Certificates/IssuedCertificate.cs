using Migrator.Core.Certificates;

namespace Migrator.App.Certificates;

/// <param name="Path">Of the file.</param>
/// <param name="Line">What the certificate of the job says of it.</param>
/// <param name="WithoutTime">Why it has no time stamp although one was asked for; null where none is missing.</param>
public sealed record IssuedCertificate(string Path, JobCertificateLine Line, string? WithoutTime);
