<?xml version="1.0" encoding="UTF-8"?>
<!-- SPDX-License-Identifier: EUPL-1.2 -->
<!-- The flat projection of tests/bench/formats/rsa-plat, for xsltproc. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="text" encoding="UTF-8"/>

<xsl:template match="/">
  <xsl:text>nir;civilite;nom;prenom;naissance;lieu;sexe;ft;sans_ressource;allocataire;demande;date_demande;departement;situation;role;responsable;soumis;etat;origine;ressources;montant&#10;</xsl:text>
  <xsl:apply-templates select="Racine/InfosFoyerRSA/Personne"/>
</xsl:template>

<xsl:template name="day"><xsl:param name="d"/>
  <xsl:value-of select="concat(substring($d, 9, 2), '/', substring($d, 6, 2), '/', substring($d, 1, 4), ';')"/>
</xsl:template>

<xsl:template name="truth"><xsl:param name="b"/>
  <xsl:choose><xsl:when test="$b='1'">oui;</xsl:when><xsl:when test="$b='0'">non;</xsl:when><xsl:otherwise>;</xsl:otherwise></xsl:choose>
</xsl:template>

<xsl:template match="Personne">
  <xsl:variable name="i" select="Identification"/>
  <xsl:variable name="r" select="../IdentificationRSA"/>
  <xsl:variable name="d" select="../PrestationRSA"/>
  <xsl:variable name="m" select="$d/DetailDroitRSA/MontantsCalculDroitRSA"/>
  <xsl:variable name="role" select="Prestations[NATPREST='RSA']/ROLEPERS"/>
  <xsl:variable name="state" select="$d/SituationDossierRSA/EtatDossierRSA/ETATDOSRSA"/>
  <xsl:value-of select="concat($i/NIR, ';')"/>
  <xsl:choose><xsl:when test="$i/QUAL='MR'">M;</xsl:when><xsl:otherwise>MME;</xsl:otherwise></xsl:choose>
  <xsl:value-of select="concat($i/NOM, ';', $i/PRENOM, ';')"/>
  <xsl:call-template name="day"><xsl:with-param name="d" select="$i/DTNAI"/></xsl:call-template>
  <xsl:value-of select="concat($i/NOMCOMNAI, ';')"/>
  <xsl:choose><xsl:when test="$i/SEXE='1'">H;</xsl:when><xsl:otherwise>F;</xsl:otherwise></xsl:choose>
  <xsl:value-of select="concat(DossierPoleEmploi/IDASSEDIC, ';')"/>
  <xsl:call-template name="truth"><xsl:with-param name="b" select="Ressources/GeneraliteRessourcesTrimestre/TOPRESSNUL"/></xsl:call-template>
  <xsl:value-of select="concat(substring($r/Organisme/MATRICULE, 1, 7), ';', $r/DemandeRSA/NUMDEMRSA, ';')"/>
  <xsl:call-template name="day"><xsl:with-param name="d" select="$r/DemandeRSA/DTDEMRSA"/></xsl:call-template>
  <xsl:value-of select="concat($r/Partenaire/IDEPARTE, ';', ../DonneesAdministratives/SituationFamille/SITFAM, ';')"/>
  <xsl:choose>
    <xsl:when test="$role='DEM'">DEMANDEUR;</xsl:when>
    <xsl:when test="$role='CJT'">CONJOINT;</xsl:when>
    <xsl:when test="$role='ENF'">ENFANT;</xsl:when>
    <xsl:otherwise>AUTRE;</xsl:otherwise>
  </xsl:choose>
  <xsl:call-template name="truth"><xsl:with-param name="b" select="DossierCAF/TOPRESPDOS"/></xsl:call-template>
  <xsl:call-template name="truth"><xsl:with-param name="b" select="MontantCalculDroitRSAPersonne/TOPPERSDRODEVORSA"/></xsl:call-template>
  <xsl:choose>
    <xsl:when test="$state='0'">DEMANDE;</xsl:when>
    <xsl:when test="$state='1'">REFUSE;</xsl:when>
    <xsl:when test="$state='2'">OUVERT;</xsl:when>
    <xsl:when test="$state='3'">OUVERT_SUSPENDU;</xsl:when>
    <xsl:when test="$state='4'">OUVERT_VERSEMENT_SUSPENDU;</xsl:when>
    <xsl:when test="$state='5'">CLOS;</xsl:when>
    <xsl:otherwise>CLOS_ANTERIEUR;</xsl:otherwise>
  </xsl:choose>
  <xsl:value-of select="concat($d/DetailDroitRSA/TroncCommunDroitRSA/ORIDEMRSA, ';')"/>
  <xsl:value-of select="concat(format-number($m/MTRESSMENRSA, '0.00'), ';', format-number($m/MTTOTDRORSA, '0.00'), '&#10;')"/>
</xsl:template>
</xsl:stylesheet>
