namespace Facility.Domain.Access;

/// <summary>What a person or a script may do. Every endpoint, the hub and its events each need one of these.</summary>
public enum Right
{
    /// <summary>How busy public zones are, now, before and on a typical day.</summary>
    SeePublicOccupancy,

    /// <summary>Private rooms (free or in use), and a site's doors, sensors and cabinets.</summary>
    SeeOccupancy,

    /// <summary>Visits, passages, use of rooms, staffing, bookings, readiness of AEDs, reports.</summary>
    SeeTrends,

    /// <summary>Trends and the audit as files: CSV and Parquet.</summary>
    ExportData,

    /// <summary>Incidents, their timelines and playbooks.</summary>
    SeeIncidents,

    /// <summary>Acknowledge, note, tick, resolve, check an AED.</summary>
    ActOnIncidents,

    /// <summary>Call for the evacuation of a site.</summary>
    CallEvacuation,

    /// <summary>Enter an own count of people.</summary>
    Count,

    /// <summary>Devices and how they are.</summary>
    SeeDevices,

    /// <summary>Let a device join, name it, make it show itself, revoke it.</summary>
    ManageDevices,

    /// <summary>Who is on call, and whom messages reached.</summary>
    SeeOnCall,

    /// <summary>Swap and override who is on call.</summary>
    ChangeOnCall,

    /// <summary>Sites, zones, doors, sensors, limits, hours and the on-call file. Of the whole server.</summary>
    ConfigureSites,

    /// <summary>Invite people, change their role and sites, remove them. Of the whole server.</summary>
    ManageAccounts,

    /// <summary>Make and revoke tokens of scripts. Of the whole server.</summary>
    ManageTokens,

    /// <summary>Who saw and did what. Of the whole server.</summary>
    SeeAudit,

    /// <summary>The server's own figures, for Prometheus. Of the whole server.</summary>
    SeeMetrics,
}

/// <summary>Who somebody is to Facility. A person has one role, at all sites or at some.</summary>
public enum Role
{
    /// <summary>Who has not signed in: a visitor, the wall screen.</summary>
    Anonymous,

    /// <summary>Runs a buurtplein.</summary>
    Buurtverbinder,

    /// <summary>Is called when something is wrong.</summary>
    Piket,

    /// <summary>Reads trends.</summary>
    Analyst,

    /// <summary>Runs Facility itself.</summary>
    Administrator,
}
